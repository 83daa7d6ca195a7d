audit-signed-in = Signed in
audit-user-created = Staff member created
audit-round-created = Round made
audit-round-assigned = Controller assigned
audit-round-closed = Round closed
audit-visit = Visit
audit-site-created = Site created
