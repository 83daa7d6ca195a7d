//! Invented people: common Russian names in both genders, and the spellings that programs stumble over.

use rand::{RngExt as _, rngs::StdRng};

/// Somebody who owns plots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub last_name: String,
    pub first_name: String,
    pub patronymic: String,
    /// E.164.
    pub phone: String,
}

/// Man's and woman's form.
const LAST_NAMES: &[(&str, &str)] = &[
    ("Береговой", "Береговая"),
    ("Ветров", "Ветрова"),
    ("Волнов", "Волнова"),
    ("Гаврилов", "Гаврилова"),
    ("Гаванский", "Гаванская"),
    ("Дельфинов", "Дельфинова"),
    ("Ершов", "Ершова"),
    ("Жемчужный", "Жемчужная"),
    ("Зимин", "Зимина"),
    ("Ильин", "Ильина"),
    ("Камбалин", "Камбалина"),
    ("Королёв", "Королёва"),
    ("Косов", "Косова"),
    ("Лагунов", "Лагунова"),
    ("Лоцманов", "Лоцманова"),
    ("Маяков", "Маякова"),
    ("Мичманов", "Мичманова"),
    ("Морской", "Морская"),
    ("Назаров", "Назарова"),
    ("Осетров", "Осетрова"),
    ("Парусов", "Парусова"),
    ("Песков", "Пескова"),
    ("Прибоев", "Прибоева"),
    ("Причалов", "Причалова"),
    ("Рыбаков", "Рыбакова"),
    ("Савельев", "Савельева"),
    ("Солёный", "Солёная"),
    ("Тихомиров", "Тихомирова"),
    ("Устинов", "Устинова"),
    ("Фёдоров", "Фёдорова"),
    ("Хамсин", "Хамсина"),
    ("Царёв", "Царёва"),
    ("Чайкин", "Чайкина"),
    ("Шкиперов", "Шкиперова"),
    ("Щукин", "Щукина"),
    ("Штормов", "Штормова"),
    ("Юнгин", "Юнгина"),
    ("Якорев", "Якорева"),
    ("Соловьёв-Седов", "Соловьёва-Седова"),
    ("О’Нил", "О’Нил"),
];

const MEN: &[&str] = &[
    "Александр",
    "Алексей",
    "Андрей",
    "Борис",
    "Виктор",
    "Геннадий",
    "Дмитрий",
    "Евгений",
    "Игорь",
    "Константин",
    "Михаил",
    "Николай",
    "Олег",
    "Павел",
    "Пётр",
    "Роман",
    "Сергей",
    "Фёдор",
    "Юрий",
    "Ян",
];
const WOMEN: &[&str] = &[
    "Алла",
    "Анна",
    "Вера",
    "Галина",
    "Дарья",
    "Елена",
    "Жанна",
    "Зоя",
    "Ирина",
    "Ксения",
    "Любовь",
    "Марина",
    "Надежда",
    "Ольга",
    "Полина",
    "Раиса",
    "Светлана",
    "Тамара",
    "Юлия",
    "Яна",
];
const FATHERS: &[(&str, &str)] = &[
    ("Алексеевич", "Алексеевна"),
    ("Андреевич", "Андреевна"),
    ("Борисович", "Борисовна"),
    ("Викторович", "Викторовна"),
    ("Дмитриевич", "Дмитриевна"),
    ("Евгеньевич", "Евгеньевна"),
    ("Иванович", "Ивановна"),
    ("Ильич", "Ильинична"),
    ("Михайлович", "Михайловна"),
    ("Николаевич", "Николаевна"),
    ("Олегович", "Олеговна"),
    ("Петрович", "Петровна"),
    ("Сергеевич", "Сергеевна"),
    ("Фёдорович", "Фёдоровна"),
    ("Юрьевич", "Юрьевна"),
];

/// One of a list; lists here are never empty.
pub fn pick<'a, T>(generator: &mut StdRng, list: &'a [T]) -> &'a T {
    &list[generator.random_range(0..list.len())]
}

impl Person {
    /// Somebody new. The phone lies in a range that is never given out, so that nobody real is called.
    pub fn invent(generator: &mut StdRng, number: usize) -> Self {
        let (last_man, last_woman) = pick(generator, LAST_NAMES);
        let (father_man, father_woman) = pick(generator, FATHERS);
        let is_woman = generator.random_bool(0.55);
        let (last, first, patronymic) =
            if is_woman { (last_woman, pick(generator, WOMEN), father_woman) } else { (last_man, pick(generator, MEN), father_man) };
        Self {
            last_name: (*last).to_owned(),
            first_name: (*first).to_owned(),
            // A foreigner has none.
            patronymic: if last.starts_with("О’") { String::new() } else { (*patronymic).to_owned() },
            phone: format!("+7000{:07}", 1_000_000 + number * 7919),
        }
    }
}
