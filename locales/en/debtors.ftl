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
letter-subject = You owe { $sum } as of { $date }
letter-greeting = Dear { $name },
letter-owed = as of { $date } you owe { $sum }:
letter-account = { $label }, account { $number }
letter-bill = – { $month }, bill { $number }: { $sum }, payable until { $due }
letter-other = – older debt as of { $date }: { $sum }
letter-please = Please pay it. If you have paid already, answer this letter and we shall look for the payment.
