audit-signed-in = Вход
audit-user-created = Заведён сотрудник
audit-round-created = Назначен обход
audit-round-assigned = Назначен контролёр
audit-round-closed = Обход закрыт
audit-visit = Посещение
audit-site-created = Заведён объект
