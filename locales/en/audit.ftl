audit-signed-in = Signed in
audit-user-created = Staff member created
