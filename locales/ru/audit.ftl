audit-signed-in = Вход
audit-user-created = Заведён сотрудник
