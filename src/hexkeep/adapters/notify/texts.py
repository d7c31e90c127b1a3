"""Every sentence that messages say, by language and id. An instance or an organization may put others in their place.

``{name}`` stands for a value of the message. A kind of message has a subject and a text; the label of the button that
its link is behind it has where there is one.
"""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "mail.greeting": "Hello {display_name},",
    "mail.greeting.unknown": "Hello,",
    "mail.closing": "If you did not expect this message, you need not do anything.",
    "mail.verify_email.subject": "Confirm your e-mail address",
    "mail.verify_email.text": "Your code for {host} is {code}.\nIt is good until {expires_at}. "
    "You can enter it where you were asked for it, or open this page:",
    "mail.verify_email.button": "Confirm the address",
    "mail.reset_password.subject": "Choose another password",
    "mail.reset_password.text": "Somebody, probably you, has forgotten the password for {host}.\n"
    "On this page you can choose another one, until {expires_at}:",
    "mail.reset_password.button": "Choose another password",
    "mail.invite_user.subject": "Welcome to {host}",
    "mail.invite_user.text": "An account has been made for you at {host}.\n"
    "On this page you can choose a password for it, until {expires_at}:",
    "mail.invite_user.button": "Choose a password",
    "mail.register_user.subject": "Your code for a new account",
    "mail.register_user.text": "Somebody, probably you, wants an account at {host} with this e-mail address.\n"
    "The code for it is {code}. It is good until {expires_at}. "
    "You can enter it where you were asked for it, or open this page:",
    "mail.register_user.button": "Create the account",
    "mail.account_exists.subject": "There is an account already",
    "mail.account_exists.text": "Somebody, probably you, wants an account at {host} with this e-mail address.\n"
    "There is an account with that user name already, so no other was made. If it is yours, sign in on this page; "
    "there you can also choose another password. If it is not, begin again with another user name.",
    "mail.account_exists.button": "Sign in",
    "mail.one_time_code.subject": "Your code to sign in",
    "mail.one_time_code.text": "Your code to sign in at {host} is {code}.\n"
    "It is good until {expires_at}. Tell it to nobody.",
    "mail.one_time_code.button": "Sign in",
    "mail.approve_request.subject": "{client_name} asks for you",
    "mail.approve_request.text": "{client_name} asks to sign you in at {host}.\n"
    "If you have begun this just now, say yes or no on this page, until {expires_at}:",
    "mail.approve_request.button": "Look at the request",
    "mail.approve_request_with_message.subject": "{client_name} asks for you",
    "mail.approve_request_with_message.text": "{client_name} asks to sign you in at {host}.\n"
    "It has to show you this: {binding_message}\n"
    "If you have begun this just now, say yes or no on this page, until {expires_at}:",
    "mail.approve_request_with_message.button": "Look at the request",
    "mail.password_changed.subject": "Your password was changed",
    "mail.password_changed.text": "The password of your account at {host} was changed at {changed_at}.\n"
    "If that was not you, ask for another password at once.",
    "mail.link_added.subject": "{provider} signs you in now",
    "mail.link_added.text": "An account at {provider} was linked to your account at {host} at {changed_at}. "
    "Whoever has it can sign in as you.\n"
    "If that was not you, unlink it on the page of your sessions and choose another password at once.",
    "mail.link_removed.subject": "{provider} does not sign you in any more",
    "mail.link_removed.text": "Your account at {host} is not linked to an account at {provider} any more "
    "since {changed_at}.\nIf that was not you, tell those who run {host} at once.",
    "mail.email_changed.subject": "Your e-mail address was changed",
    "mail.email_changed.text": "Your account at {host} has another e-mail address since {changed_at}.\n"
    "If that was not you, tell those who run {host} at once.",
    "mail.domain_claimed.subject": "Your user name changes",
    "mail.domain_claimed.text": "The domain of your user name at {host} belongs to an organization now.\n"
    "Your user name is {user_name} from now on.",
    "mail.test.subject": "A test message",
    "mail.test.text": "This is a test. {host} can send mails.",
    "sms.verify_phone.text": "{code} is your code to confirm this number at {host}.",
    "sms.one_time_code.text": "{code} is your code to sign in at {host}. Tell it to nobody.",
    "sms.phone_changed.text": "Your account at {host} has another phone number since {changed_at}. "
    "If that was not you, tell those who run {host} at once.",
    "sms.test.text": "This is a test. {host} can send text messages.",
}

GERMAN: Mapping[str, str] = {
    "mail.greeting": "Guten Tag {display_name}",
    "mail.greeting.unknown": "Guten Tag",
    "mail.closing": "Haben Sie diese Nachricht nicht erwartet, brauchen Sie nichts zu tun.",
    "mail.verify_email.subject": "Bestätigen Sie Ihre E-Mail-Adresse",
    "mail.verify_email.text": "Ihr Code für {host} ist {code}.\nEr gilt bis {expires_at}. "
    "Geben Sie ihn dort ein, wo Sie danach gefragt wurden, oder öffnen Sie diese Seite:",
    "mail.verify_email.button": "Adresse bestätigen",
    "mail.reset_password.subject": "Wählen Sie ein neues Passwort",
    "mail.reset_password.text": "Jemand, vermutlich Sie, hat das Passwort für {host} vergessen.\n"
    "Auf dieser Seite können Sie bis {expires_at} ein neues wählen:",
    "mail.reset_password.button": "Neues Passwort wählen",
    "mail.invite_user.subject": "Willkommen bei {host}",
    "mail.invite_user.text": "Für Sie wurde bei {host} ein Konto angelegt.\n"
    "Auf dieser Seite können Sie bis {expires_at} ein Passwort dafür wählen:",
    "mail.invite_user.button": "Passwort wählen",
    "mail.register_user.subject": "Ihr Code für ein neues Konto",
    "mail.register_user.text": "Jemand, vermutlich Sie, möchte bei {host} ein Konto mit dieser E-Mail-Adresse.\n"
    "Der Code dafür ist {code}. Er gilt bis {expires_at}. "
    "Geben Sie ihn dort ein, wo Sie danach gefragt wurden, oder öffnen Sie diese Seite:",
    "mail.register_user.button": "Konto anlegen",
    "mail.account_exists.subject": "Es gibt schon ein Konto",
    "mail.account_exists.text": "Jemand, vermutlich Sie, möchte bei {host} ein Konto mit dieser E-Mail-Adresse.\n"
    "Eines mit diesem Benutzernamen gibt es schon, also wurde kein weiteres angelegt. Ist es Ihres, melden Sie sich "
    "auf dieser Seite an; dort können Sie auch ein neues Passwort wählen. Ist es nicht Ihres, beginnen Sie noch einmal "
    "mit einem anderen Benutzernamen.",
    "mail.account_exists.button": "Anmelden",
    "mail.one_time_code.subject": "Ihr Code zum Anmelden",
    "mail.one_time_code.text": "Ihr Code zum Anmelden bei {host} ist {code}.\n"
    "Er gilt bis {expires_at}. Geben Sie ihn niemandem weiter.",
    "mail.one_time_code.button": "Anmelden",
    "mail.approve_request.subject": "{client_name} fragt nach Ihnen",
    "mail.approve_request.text": "{client_name} möchte Sie bei {host} anmelden.\n"
    "Haben Sie das gerade selbst begonnen, antworten Sie bis {expires_at} auf dieser Seite:",
    "mail.approve_request.button": "Anfrage ansehen",
    "mail.approve_request_with_message.subject": "{client_name} fragt nach Ihnen",
    "mail.approve_request_with_message.text": "{client_name} möchte Sie bei {host} anmelden.\n"
    "Es muss Ihnen dies zeigen: {binding_message}\n"
    "Haben Sie das gerade selbst begonnen, antworten Sie bis {expires_at} auf dieser Seite:",
    "mail.approve_request_with_message.button": "Anfrage ansehen",
    "mail.password_changed.subject": "Ihr Passwort wurde geändert",
    "mail.password_changed.text": "Das Passwort Ihres Kontos bei {host} wurde am {changed_at} geändert.\n"
    "Waren Sie das nicht, fordern Sie sofort ein neues Passwort an.",
    "mail.link_added.subject": "{provider} meldet Sie jetzt an",
    "mail.link_added.text": "Mit Ihrem Konto bei {host} wurde am {changed_at} ein Konto bei {provider} verknüpft. "
    "Wer es hat, kann sich als Sie anmelden.\n"
    "Waren Sie das nicht, lösen Sie es sofort auf der Seite Ihrer Sitzungen und wählen Sie ein neues Passwort.",
    "mail.link_removed.subject": "{provider} meldet Sie nicht mehr an",
    "mail.link_removed.text": "Ihr Konto bei {host} ist seit {changed_at} mit keinem Konto bei {provider} mehr "
    "verknüpft.\nWaren Sie das nicht, melden Sie es sofort denen, die {host} betreiben.",
    "mail.email_changed.subject": "Ihre E-Mail-Adresse wurde geändert",
    "mail.email_changed.text": "Ihr Konto bei {host} hat seit {changed_at} eine andere E-Mail-Adresse.\n"
    "Waren Sie das nicht, melden Sie es sofort denen, die {host} betreiben.",
    "mail.domain_claimed.subject": "Ihr Benutzername ändert sich",
    "mail.domain_claimed.text": "Die Domain Ihres Benutzernamens bei {host} gehört jetzt einer Organisation.\n"
    "Ihr Benutzername ist ab jetzt {user_name}.",
    "mail.test.subject": "Eine Testnachricht",
    "mail.test.text": "Das ist ein Test. {host} kann E-Mails senden.",
    "sms.verify_phone.text": "{code} ist Ihr Code, um diese Nummer bei {host} zu bestätigen.",
    "sms.one_time_code.text": "{code} ist Ihr Code zum Anmelden bei {host}. Geben Sie ihn niemandem weiter.",
    "sms.phone_changed.text": "Ihr Konto bei {host} hat seit {changed_at} eine andere Telefonnummer. "
    "Waren Sie das nicht, melden Sie es sofort denen, die {host} betreiben.",
    "sms.test.text": "Das ist ein Test. {host} kann Textnachrichten senden.",
}

TEXTS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN}
"""By language tag: those of ``hexkeep.core.setting.state.SUPPORTED_LANGUAGES``."""
