def test_scratch(world):
    """x"""
    print(world.application("http://localhost:9/back"), world.machine("bot"), world.server.log[-1500:], world.server.said)
