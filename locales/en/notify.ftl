messages-title = Messages
messages-waiting = { $n ->
    [0] Nothing waits to be sent
    [one] { $n } message waits to be sent
   *[other] { $n } messages wait to be sent
}
messages-parked = { $n ->
    [one] { $n } message did not leave and waits for you
   *[other] { $n } messages did not leave and wait for you
}
messages-no-mail = Mail is not set up: set SMTP_URL and MAIL_FROM and start the program again. The messages will wait.
messages-search = Name or phone
messages-empty-title = No messages yet
messages-empty-text = Every letter is seen here: to whom, when, and what became of it.
message-when = When
message-to = To
message-channel = By
message-kind = About
message-state = State
message-about = Message
message-text = Text
message-written = Written
message-sent = Sent
message-attempts = Attempts
message-next = Next attempt
message-again-at = again { $when }
message-receipt = The server's answer
message-error = Why it did not leave
message-again = Send again
message-not-stopped = This message was sent already or is on its way.
channel-email = Mail
channel-telegram = Telegram
message-kind-reminder = Reminder
message-kind-debt_letter = Letter about a debt
message-kind-pre_court = Last demand
message-kind-payout = Payout
message-kind-totals = Totals
message-kind-trial = Trial
message-state-waiting = Waiting
message-state-sent = Sent
message-state-parked = Did not leave
message-state-refused = Address refuses
message-state-held = Held back
trial-title = Try the mail
trial-address = Your mail address
trial-hint = The letter leaves within a minute. What became of it is seen in the list
trial-send = Send a trial letter
trial-written = The letter is written and waits to be sent
trial-subject = Trial of the mail
trial-text = This is a trial letter of { $organisation }.

    { $name } asked for it. If you read it, mail works.
unsubscribe-title = No more mail?
unsubscribe-text = No more letters about debts and no reminders will come to { $address }.
unsubscribe-do = No more mail
unsubscribe-done = No letter will come to { $address } any more. If you think otherwise later, tell the office.
form-email = Enter a mail address, such as zoya@example.org
