document.getElementById("onward").click();
