sign-in-title = Вход
sign-in-login = Логин
sign-in-password = Пароль
sign-in-enter = Войти
sign-in-wrong = Логин или пароль не подошли
sign-in-too-soon = Слишком много попыток. Подождите { $seconds ->
    [one] { $seconds } секунду
    [few] { $seconds } секунды
   *[many] { $seconds } секунд
}
sign-out = Выйти
role-administrator = Администратор
role-manager = Управляющий
role-controller = Контролёр
role-accountant = Бухгалтер
role-chair = Председатель
role-service = Служебная запись
password-too-short = Не короче 12 знаков
password-too-long = Не длиннее 256 знаков
password-too-common = Такой пароль подберут первым. Придумайте другой
