review-title = Review of readings
review-one-title = Review of a reading
review-begin = Begin the review
review-empty-title = All reviewed
review-empty-text = Readings that give pause come here: lower than before, far above the usual, day and night swapped.
review-meter = Meter
review-taken = Taken
review-author = Read by
review-why = What gave pause
review-before = Before
review-usual = Usually
review-premise = Card of the premise
review-no-photo = No photo
review-no-photo-text = The controller attached none.
review-chart = Used between readings
review-left = { $n ->
    [one] Waiting for review: { $n }
   *[other] Waiting for review: { $n }
}
review-note = Explanation
review-note-hint = Required when rejecting: why
review-accept = Accept
review-reject = Reject
review-correct = Correct
review-correct-legend = Or enter the right reading
review-keys = By keyboard: A accepts, R rejects, C corrects.
review-closed = Decided already
review-accepted = The reading was accepted
review-rejected = The reading was rejected
review-corrected = The reading was corrected; the old one stays in the history
review-decided-already = Somebody else has reviewed this reading already.
review-odd = { $doubts }. Save again if it is so
