# Debts and debtors
debtors-title = Debtors
debtors-count = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
debtors-sum = { $people }, owing { $sum }
debtors-search = Name, phone, plot
debtors-late = Overdue
debtors-least = Debt from, ₽
debtors-empty-title = Nobody owes anything
debtors-empty-text = Those with unpaid bills will appear here as soon as the first month is approved.
debtor-late-0 = By a day or more
debtor-late-30 = More than 30 days
debtor-late-60 = More than 60 days
debtor-late-90 = More than 90 days
debtor-name = Payer
debtor-debt = Debt, ₽
debtor-debt-all = Debt in all
debtor-to-30 = Up to 30 days
debtor-to-60 = 31–60 days
debtor-to-90 = 61–90 days
debtor-over-90 = Over 90 days
debtor-not-due = not due yet: { $sum }
debtor-not-due-column = Not due yet
debtor-oldest = Unpaid since
debtor-paid = Last payment
debtor-never-paid = Never paid
debtor-premises = { $n ->
    [one] { $n } plot
   *[other] { $n } plots
}
debtor-premises-column = Plots with a debt
debtor-owner = Owner's card
debtor-premise = Plot
debtor-none-text = Everything billed has been paid.
debt-title = Debt
debt-owed = Owes { $sum }
debt-ahead = Paid ahead { $sum }
debt-none = No debt
debt-other = Earlier debt and other
debt-last-paid = Last payment { $sum }, { $date }
debt-by-bill = By bill
debt-without-bill = without a bill
debt-bill = Bill
debt-month = For
debt-due = Pay by
debt-late = { $n ->
    [one] { $n } day late
   *[other] { $n } days late
}
debt-not-late = not due yet
debt-total = Total
letter-greeting = Dear { $name },
letter-account = { $label }, account { $number }
letter-bill = – { $month }, bill { $number }: { $sum }, payable until { $due }
letter-other = – older debt as of { $date }: { $sum }
letter-reminder-subject = Reminder: { $sum } as of { $date }
letter-reminder-owed = this is to remind you that as of { $date } you owe { $sum }:
letter-reminder-please = If you have paid already, thank you, and please disregard this letter. If not, please pay.
letter-debt_letter-subject = You owe { $sum } as of { $date }
letter-debt_letter-owed = as of { $date } you owe { $sum }:
letter-debt_letter-please = Please pay it. If you have paid already, answer this letter and we shall look for the payment.
letter-pre_court-subject = Last demand: you owe { $sum } as of { $date }
letter-pre_court-owed = as of { $date } you owe { $sum }, which you have not paid after our earlier letters:
letter-pre_court-please = Please pay it until { $until }. If it is not paid, we shall go to court; penalties and costs will be added. If you cannot pay at once, call us and we shall agree on instalments.
letter-details = Where to pay: { $name }, INN { $inn }, account { $account } at { $bank }, BIC { $bic }
notices-title = Letters to debtors
notices-text = To each the next one: a reminder, a letter about the debt, the last demand
notices-new = New round
notices-kind = Letter
notices-kind-hint = Without a choice everybody gets the next step
notices-next-step = The next step
notice-kind-reminder = Reminder
notice-kind-debt_letter = Letter about a debt
notice-kind-pre_court = Last demand
notices-least = Debt from
notices-step-days = Days between letters
notices-step-hint = Whoever was written to later is not written to
notices-look = See to whom
notices-preview = What will happen
notices-by-email = By mail
notices-on-paper = On paper
notices-left-alone = Not written to: promised or asked
notices-not-yet = Not written to: had one lately
notices-debt = Debts together
notices-write = { $n ->
    [one] Write { $n } letter
   *[other] Write { $n } letters
}
notices-sample = The first letter
notices-empty-title = No letters yet
notices-empty-text = See to whom what will be sent, then send it.
notices-rounds = Rounds
notices-when = When
notices-who = Who
notices-schedule = by schedule
notices-written = Letters
notices-paper = Of these on paper
notices-print = Print those on paper
notices-sub = { $when }, { $who }
notices-none-title = Nobody to write to
notices-none-text = Everybody has paid, promised to pay or had a letter lately.
notices-of-person = Letters
notices-of-person-none = There were no letters
notice-sent-at = Sent { $when }
notice-paper = On paper
plan-title = Letters by schedule, { $site }
plan-off = Letters are sent by hand only now.
plan-on = Letters are written by themselves on day { $day } of each month at 10 o'clock; the chair and the managers get the totals.
plan-day = Day of the month
plan-is-on = Write by schedule
plan-save = Save the schedule
marks-title = Promises and wishes
marks-none = Nothing is noted
mark-kind = What to note
mark-until = No letters until
mark-note = Note
mark-save = Note it
mark-remove = Take away
mark-past = This day is over
debtor-mark-promise = Promised to pay
debtor-mark-leave_alone = Wants to be left alone
debtor-mark-promise-until = Promised to pay until { $date }
debtor-mark-leave_alone-until = Left alone until { $date }
totals-subject = { $site }: debts as of { $date }
totals-owed = { $people }, owing { $sum }. The largest:
totals-line = { $name }: { $sum }
