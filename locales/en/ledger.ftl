# The books: cards of accounts, transfers, turnover, revenue
book-consumer = Payers
book-reserve = Reserves of orders
book-revenue = Revenue
book-bank = Bank
book-cash = Cash
book-suspense = Money of unknown payers
book-opening = Opening balances
book-worker = Workers
book-works = Work order income
book-payroll = Paid to workers
book-worker-of = Worker: { $name }
book-consumer-of = Account { $number }
book-reserve-of = Reserve of account { $number }
book-revenue-of = Revenue: { $service }
book-debit = Debit
book-credit = Credit

transfer-charge = Charged
transfer-correction = Charge corrected
transfer-payment = Payment
transfer-match = Payment matched
transfer-refund = Refund
transfer-deposit = Deposit
transfer-transfer = Transfer between accounts
transfer-reserve = Set aside for an order
transfer-release = Given back from an order
transfer-capture = Service delivered
transfer-opening = Opening balance
transfer-fee = Fee of a work order
transfer-reward = Reward of a work order
transfer-payout = Payout to a worker
transfer-reversal = Reversal

posting-title = Transfer No. { $number }
posting-number = No.
posting-date = Date
posting-booked = Booked
posting-kind = What
posting-amount = Sum, ₽
posting-memo = Note
posting-who = Who
posting-by-program = the program
posting-sides = From and to
posting-why = Why
posting-key = Key
posting-reverses = Reverses
posting-reversed = reversed
posting-reversed-by = Reversed by
posting-about-payment = Payment No. { $number }
posting-told-to = Transfer to account { $number }
posting-told-from = Transfer from account { $number }
posting-chain = Place in the chain
posting-chain-text = The hash is computed from all of the transfer and the hash before it: nothing can be changed unnoticed.
posting-position = Number in the chain
posting-hash = Hash
posting-hash-before = Hash before it
posting-hash-first = the first in the chain
posting-unsealed = Its place in the chain is fixed within a second or two

statements-title = Cards of accounts
statement-title = Card of account { $number }
statement-parts = Parts of the account
statement-main = Main
statement-reserve = Reserve
statement-what = What
statement-why = Why
statement-running = Balance, ₽
statement-opening = Balance at the beginning of { $date }
statement-closing = Balance at the end of { $date }
statement-debit = Debit turnover
statement-credit = Credit turnover
statement-owed = owed { $sum }
statement-ahead = in advance { $sum }
statement-empty-title = Nothing happened
statement-empty-text = Nothing went through the account in these days. Choose others.

journal-title = Journal of transfers
journal-count = { $n ->
    [one] { $n } transfer
   *[other] { $n } transfers
  }
journal-count-open = More than { $n } transfers
journal-least = Sum from
journal-most = Sum to
journal-empty-title = No transfers yet
journal-empty-text = They come with the first approved month, payment or order.

turnover-title = Turnover sheet
turnover-sub = By kinds of books
turnover-days = { $from } to { $until }
turnover-book = Book
turnover-opening = Opening balance
turnover-moved = Turnover
turnover-closing = Closing balance
turnover-total = Total
turnover-balanced = Debit and credit agree
turnover-not-balanced = Debit and credit do not agree: verify the installation

revenue-title = Revenue by service
revenue-sub = What the transfers recognise: charged, corrected, delivered by orders, less reversals
revenue-total = Total
revenue-items = Orders
revenue-by-month = By month, ₽
revenue-of-month = Revenue of { $month }
revenue-none = No revenue in this month.
revenue-empty-title = No revenue in this year
revenue-empty-text = It comes with the first approved month or delivered order.
