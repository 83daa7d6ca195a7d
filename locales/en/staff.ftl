sign-in-title = Sign in
sign-in-login = Login
sign-in-password = Password
sign-in-enter = Sign in
sign-in-wrong = Login or password did not match
sign-in-too-soon = Too many attempts. Wait { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}
sign-out = Sign out
role-administrator = Administrator
role-manager = Manager
role-controller = Controller
role-accountant = Accountant
role-chair = Chair
role-service = Service account
password-too-short = At least 12 characters
password-too-long = At most 256 characters
password-too-common = This password is guessed first. Choose another
