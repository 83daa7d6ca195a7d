# Payments
payments-title = Payments
payments-sub = { $count } for { $sum }
payments-search = Plot or name
payments-empty-title = No payments yet
payments-empty-text = Bring in a bank statement or enter a payment by keyboard.
payments-empty-none = Payments will stand here as soon as the accountant enters one.
payments-unknown = Nobody known for { $count } of { $sum }.
payments-unknown-do = Find them
payments-documents = { $n ->
    [one] { $n } payment
   *[other] { $n } payments
  }
payment-new = Enter a payment
payment-new-sub = Plot, sum, Enter, and the next one. Day and way of paying are kept.
payment-received = Received
payment-method = Way
payment-method-bank = Bank
payment-method-cash = Cash
payment-state = State
payment-state-credited = Credited
payment-state-unknown = Unknown
payment-state-reversed = Reversed
payment-whom = For whom
payment-whom-hint = Plot (3-12-7), account or name
payment-which = Which of them?
payment-several = Several fit: choose one
payment-nobody = Nobody found
payment-no-such-bill = There is no bill of this number
payment-amount = Sum
payment-period = For the month
payment-any-service = whatever is owed first
payment-bill = Number of the bill
payment-from = Who paid
payment-memo = Purpose
payment-for = The payer named
payment-reference = Document no.
payment-entered = Entered
payment-more = For which month, service, from whom
payment-store = Enter
payment-stored = Entered { $sum }: { $whose }. Now { $stands }.
payment-whose = { $label }, { $name }
payment-debt = owes { $sum }
payment-advance = { $sum } in advance
payment-no-debt = owes nothing
payment-in-future = This day has not come yet
payment-key-reused = This payment was entered already, with other contents. Open the form anew.
payment-recent = Entered by you
payment-recent-none = Your last payments will stand here.
payment-title = Payment of { $sum }
payment-sub = { $day }, { $method }
payment-about = About the payment
payment-receipt = Receipt
payment-met = What it went to
payment-met-none = Nothing yet
payment-match-title = Whose payment is this?
payment-match = Credit
payment-matched = Credited: { $whose }
payment-reverse-ask = A mistake? Reverse the payment
payment-reverse-why = Why
payment-reverse = Reverse
payment-reversed = The payment is reversed: the money has left the account by the way it came
payment-reversed-words = Reversed { $when }. Reason: { $reason }
payment-changed-meanwhile = The payment was changed meanwhile. Open it again.
payment-refused = The books do not take such a transfer
payment-no-receipt = Only a credited payment has a receipt
payment-imports = From the bank
met-what = For what
met-why = Why there
met-earlier = earlier debt
met-spent = from the account
met-advance = Advance
met-advance-why = no debts left: it goes to the next ones
allocation-bill = the payer named the bill
allocation-period = the payer named the month
allocation-service = the payer named the service
allocation-oldest = the oldest debt
allocation-advance = an advance met a new debt
allocation-spent = spent
allocation-taken_back = taken back by a reversal
receipt-title = Receipt no. { $number }
receipt-cashier = Received by
receipt-payer = Payer
refund-title = Give an advance back
refund-stands = On the account
refund-paid-on = Given back
refund-reason = Why and whereto
refund-do = Give back
refund-done = { $sum } given back
refund-nothing = Nothing to give back: there is no advance.
refund-too-much = This is more than the advance
filter-from = From
filter-until = Until

payment-imports-sub = A bank statement or a register: first a plan, then carried out, and all of it can be taken back
payment-import-new = A new file
payment-import-hint = A statement in 1C exchange format (.txt) or a table, CSV or XLSX
payment-import-no-file = Choose a file
payment-import-same = This file was brought in before
payment-import-not-read = This is neither a 1C statement nor a table
payment-import-title = Payments of a file
payment-import-sub = { $file }: { $count }
payment-import-documents = Documents
payment-import-credited = Credited, ₽
payment-import-unknown = Unknown, ₽
payment-import-kind-bank = bank statement
payment-import-kind-register = register
payment-import-state-planned = Waits
payment-import-state-executed = Carried out
payment-import-state-undone = Taken back
payment-import-state-discarded = Discarded
payment-import-discard = Discard without carrying out
payment-import-undo-ask = The wrong file? Take all of it back
payment-import-undo = Reverse every payment of the file
payment-import-not-planned = This plan was carried out or discarded
payment-import-not-executed = Nothing to take back: it was not carried out, or was taken back before
payment-import-executed = { $n ->
    [one] { $n } payment carried out
   *[other] { $n } payments carried out
  }
payment-import-overtaken = { $n ->
    [one] Nothing was carried out: { $n } document was credited from another file. It has left the plan; look and carry out again.
   *[other] Nothing was carried out: { $n } documents were credited from another file. They have left the plan; look and carry out again.
  }
payment-import-undone = { $n ->
    [one] { $n } payment reversed
   *[other] { $n } payments reversed
  }
payment-plan-credit = { $n ->
    [one] { $n } payment will be credited
   *[other] { $n } payments will be credited
  }
payment-plan-suspense = { $n ->
    [one] { $n } payment will wait as unknown
   *[other] { $n } payments will wait as unknown
  }
payment-plan-credited = { $n ->
    [one] { $n } payment was credited
   *[other] { $n } payments were credited
  }
payment-plan-suspended = { $n ->
    [one] { $n } payment went to unknown money
   *[other] { $n } payments went to unknown money
  }
payment-plan-skip = { $n ->
    [one] document left out
   *[other] documents left out
  }
payment-plan-execute = { $n ->
    [one] Carry out { $n } payment
   *[other] Carry out { $n } payments
  }
payment-plan-save = Only save
payment-plan-saved = Saved
payment-plan-document = Document
payment-plan-take = Credit
payment-plan-open = payment
payment-plan-chosen = chosen by a person
payment-plan-several = Several fit: type the account
payment-plan-result = Decision
payment-plan-reasons = Why
payment-decision-credit = credit
payment-decision-suspense = unknown money
payment-decision-skip = leave out
payment-problem-outgoing = Money paid out
payment-problem-duplicate = Repeats document { $detail }
payment-problem-known = Credited from another file
payment-problem-unreadable = Not read: { $detail }
bank-refused-empty = There is no document in the file
bank-refused-too-large = The file is too large
bank-refused-not-a-statement = This is no statement
bank-refused-too-long-line = A line of the file is too long
bank-refused-too-many-documents = There are too many documents in the file
bank-problem-no_amount = no sum
bank-problem-amount_unclear = the sum is unclear
bank-problem-amount_not_positive = the sum is not above zero
bank-problem-no_date = no date
bank-problem-date_unclear = the date is unclear
bank-problem-document_not_ended = the document does not end
bank-problem-file_not_ended = the file does not end: it may have been cut
match-certain = Certain
match-likely = Likely
match-possible = Possible
match-unknown = Unknown
match-reason-account_number = the account is named
match-reason-bill_id = the bill is named
match-reason-label = the plot is named
match-reason-payer_name = the payer's name fits
match-reason-name_in_purpose = a name in the purpose
match-reason-name_agrees = the name agrees
match-reason-amount_is_debt = the sum is the debt
match-reason-name_differs = somebody else pays
match-reason-number_shortened = the account without its zeros
match-reason-number_unknown = there is no such account
match-reason-label_unknown = there is no such plot
match-reason-label_shared = several accounts at the plot
match-reason-account_closed = the account is closed
match-reason-several_accounts = several accounts fit
match-reason-contradiction = account and plot disagree
register-title = What the columns hold
register-head = Row with the heads
register-column = Column
register-meaning = What it is
register-samples = For example
register-plan = Make the plan
register-not-enough = A date, a sum and one of three are needed: for whom, payer, purpose
register-nothing = not needed
register-date = date
register-amount = sum
register-whom = account or plot
register-payer = payer
register-purpose = purpose
register-number = document number
