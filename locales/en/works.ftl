# Work orders: who has them, what they cost and earn, what was paid
area-work-orders = Work orders
area-workers = Earnings
area-payouts = Payouts
area-works = Work order income
group-works = Work orders

work-orders-title = Work orders
work-orders-mine = My work orders
work-orders-count = { $n ->
    [one] { $n } work order
   *[other] { $n } work orders
  }
work-orders-search = Title, ticket number
work-orders-empty-title = No work orders yet
work-orders-empty-text = Anyone on the staff may open one. Its worker and its prices are drawn by lot at once.
work-orders-none-open = You have no open work orders.
work-orders-none-here = There are no open work orders here.
work-orders-open-count = { $n ->
    [one] { $n } open work order
   *[other] { $n } open work orders
  }
import-undo-works = { $n ->
    [one] { $n } work order at these plots and meters
   *[other] { $n } work orders at these plots and meters
  }
work-orders-recent = Done recently
work-order-title-of = Work order No. { $number }
work-order-new = New work order
work-order-number = No.
work-order-name = What to do
work-order-name-hint = In a few words; no square brackets, the ticket number goes apart
work-order-brackets = Take out the square brackets: the ticket number has a field of its own below
work-order-ticket = Ticket number
work-order-ticket-hint = For example, UBERPOP-42
work-order-text = Details
work-order-site = Site
work-order-label = Premise
work-order-label-hint = As on its card: 3-12-7. The order goes to somebody who sees this site
work-order-no-premise = There is no such premise at this site
work-order-open = Open the work order
work-order-opened = Work order opened: { $worker }
work-order-consequence = The worker is drawn by lot. A fee is taken from their account, the reward is credited when it is done.
work-order-worker = Worker
work-order-creator = Opened by
work-order-by-program = the program
work-order-created = Opened
work-order-done-at = Done
work-order-fee = Fee
work-order-reward = Reward
work-order-fee-column = Fee, ₽
work-order-reward-column = Reward, ₽
work-order-state = State
work-order-state-open = Open
work-order-state-done = Done
work-order-about = About the order
work-order-money = Money of the order
work-order-log = What happened
work-order-note = What was done
work-order-note-hint = Whoever opened the order will see it
work-order-complete = Mark as done
work-order-completed = Work order done, { $sum } credited
work-order-earns = { $sum } when done
work-order-step-created = Created
work-order-step-assigned = Given to { $name }
work-order-step-reassigned = Passed to { $name }
work-order-step-completed = Done by { $name }
work-order-cause = Cause
work-order-cause-seal = Seal broken or missing
work-order-cause-stopped = Meter has stopped
work-order-cause-verification = Verification overdue
work-order-meter = Meter
work-order-meter-of = No. { $serial }
work-order-at-premise = Open work orders
work-order-no-worker = Nobody to give it to: there is no controller who may sign in and sees this site
work-order-done-already = The work order is done already
work-order-not-yours = Somebody else has the work order
work-order-changed = Open work orders or workers changed while you looked. Below is a new draw: check it and confirm.
work-order-key-reused = This form was sent already with other content: check it and send it again
work-order-refused-by-ledger = The ledger did not accept this
work-order-seal-title = Replace the seal of meter { $serial }
work-order-stopped-title = Meter { $serial } has stopped: check it
work-order-stopped-somewhere-title = A meter of the plot has stopped: check it
work-order-open-already = Such a work order is open already
work-order-verification-title = Meter { $serial }: verification overdue

reshuffle-title = Reshuffle
reshuffle-open = Reshuffle
reshuffle-sub = Every open work order is drawn anew. Only those whom an order goes to pay its fee.
reshuffle-of = { $n ->
    [one] of { $n } open work order
   *[other] of { $n } open work orders
  }
reshuffle-changed = change hands
reshuffle-charged = taken in fees
reshuffle-people = Who loses and gets what
reshuffle-orders = Work orders that change hands
reshuffle-has = Now
reshuffle-loses = Loses
reshuffle-gets = Gets
reshuffle-pays = Pays, ₽
reshuffle-from = From
reshuffle-to = To
reshuffle-do = Confirm the draw
reshuffle-again = Draw again
reshuffle-done = Work orders that changed hands: { $changed }, { $sum } taken in fees
reshuffle-nothing-open-title = Nothing to reshuffle
reshuffle-nothing-open-text = There are no open work orders.
reshuffle-same = This draw leaves every order where it is.

workers-title = Workers' earnings
workers-mine = My account
workers-balance = Balance, ₽
workers-my-balance = to be paid
workers-my-debt = below zero
workers-payday = Paid every midnight when the balance is above zero. What is below carries over.
workers-open = Open orders
workers-entries = Entries
workers-entries-count = { $n ->
    [one] { $n } entry
   *[other] { $n } entries
  }
workers-balances = Balances
workers-day = Day
workers-sum = Sum, ₽
workers-today = company's earnings today
workers-period = earnings in the period
workers-day-sum = { $sum } for the day
workers-by-day = Company's earnings by day
workers-empty-title = No entries
workers-empty-text = There were no fees, rewards or payouts in these days.
workers-none = There are no workers: controllers are given the orders.
workers-blocked = blocked

payouts-title = Payouts
payouts-count = { $n ->
    [one] { $n } payout
   *[other] { $n } payouts
  }
payouts-sum = { $number }, { $sum }
payouts-waiting = wait for approval
payouts-empty-title = No payouts yet
payouts-empty-text = Every midnight everyone with a balance above zero is paid all of it.
payout-of = Payout No. { $number }
payout-day = For the day
payout-made = Made
payout-decided = Decision
payout-make = Pay for the day
payout-make-hint = To those not yet paid for this day; their balance becomes zero
payout-done = { $n ->
    [one] { $n } payout made
   *[other] { $n } payouts made
  }
payout-approve = Approve
payout-decline = Decline
payout-approved = Paid { $sum } to { $worker }
payout-declined = Payout declined, the money stays with { $worker }
payout-state-waiting = Waits for approval
payout-state-paid = Paid
payout-state-declined = Declined
payout-future = That day has not come yet
payout-not-waiting = This payout was decided already
payout-same-person = Another person must approve: neither who began the payout nor who is paid
payout-less-left = Less is left on the worker's account. Decline it: what is left comes with the next payout

works-title = Work order income
works-sub = Fees less rewards
works-today = earned today
works-week = in seven days
works-month = this month
works-below-zero = workers below zero
works-fees = Fees, ₽
works-rewards = Rewards, ₽
works-earnings = Earnings, ₽
works-chart-fees = Fees by day
works-chart-rewards = Rewards by day
works-days = By day
works-dearest = Dearest work order done
works-dearest-day = On { $day }
works-dearest-week = In the week { $from } – { $until }
works-dearest-month = In the month of
works-dearest-none = nothing was done
works-until = Until
works-from = From
works-empty-title = No work orders in these days
works-empty-text = Earnings begin with the first work order.

works-terms = Work orders
works-terms-sub = The prices of an order are drawn between these limits, once for its life.
works-payout-limit-hint = A payout above this waits for a second person; empty means no limit
works-causes-hint = When a controller sees this at a plot, an order opens by itself
works-limit-below = The upper limit is below the lower one
field-works_fee_least = Fee from
field-works_fee_most = Fee up to
field-works_reward_least = Reward from
field-works_reward_most = Reward up to
field-works_payout_limit = Payout without approval up to
field-works_causes = What opens an order by itself
payout-letter-subject = Payout of { $sum } for { $day }
payout-letter-text = { $name }, you were paid { $sum } for { $day }.

    What it is made of is seen on the page of work orders, under your balance.
