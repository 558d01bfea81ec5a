//! Word lists of the languages that scenarios speak, and how their addresses and numbers are written.
//!
//! Names and most words are the `fake` crate's; place names are put together from family names and the endings given here. Telephone
//! numbers are of ranges that are set aside for fiction where there is one.

use fake::locales::{DE_DE, Data, EN, FR_FR, IT_IT, JA_JP, NL_NL, PT_BR, ZH_CN};

use crate::scenario::model::Locale;

use super::words::WORDS;

type Words = &'static [&'static str];

/// How one language and country writes what fake data is made of.
#[derive(Debug)]
pub struct Lists {
    pub first: Words,
    pub last: Words,
    /// The family name comes first, and what stands between the two.
    pub family_first: Option<&'static str>,
    pub country: Words,
    pub state: Words,
    /// Stand before a city's name, each with its space.
    pub city_before: Words,
    pub city_after: Words,
    pub street: Words,
    pub street_shape: Street,
    /// `#` is a digit, `$` a capital letter.
    pub zip: &'static str,
    pub phone: &'static str,
    pub company: Words,
    /// Stands between two owners.
    pub and: &'static str,
    pub words: Words,
    /// Between two words, and at the end of a sentence.
    pub prose: (&'static str, &'static str),
    pub job: Words,
}

/// The parts of a street's address in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Street {
    /// `12 Smith Street`
    NumberFirst,
    /// `Müllerstraße 12`
    Joined,
    /// `12 rue Martin`
    NumberAndKind,
    /// `Via Rossi, 12`
    KindFirst,
    /// `佐藤町12番地`, with the word for a number.
    NumberLast(&'static str),
}

/// The lists of a language.
pub fn lists(locale: Locale) -> &'static Lists {
    match locale {
        Locale::En => &ENGLISH,
        Locale::De => &GERMAN,
        Locale::Fr => &FRENCH,
        Locale::It => &ITALIAN,
        Locale::Nl => &DUTCH,
        Locale::PtBr => &BRAZILIAN,
        Locale::Ja => &JAPANESE,
        Locale::ZhCn => &CHINESE,
    }
}

pub static ENGLISH: Lists = Lists {
    first: EN::NAME_FIRST_NAME,
    last: EN::NAME_LAST_NAME,
    family_first: None,
    country: EN::ADDRESS_COUNTRY,
    state: EN::ADDRESS_STATE,
    city_before: EN::ADDRESS_CITY_PREFIX,
    city_after: EN::ADDRESS_CITY_SUFFIX,
    street: EN::ADDRESS_STREET_SUFFIX,
    street_shape: Street::NumberFirst,
    zip: "#####",
    phone: "",
    company: EN::COMPANY_SUFFIX,
    and: " and ",
    words: WORDS,
    prose: (" ", "."),
    job: EN::COMPANY_PROFESSION,
};

/// Prose in the Latin of printers, for languages without a list of words.
const LATIN: Words = EN::LOREM_WORD;

static GERMAN: Lists = Lists {
    first: DE_DE::NAME_FIRST_NAME,
    last: DE_DE::NAME_LAST_NAME,
    country: DE_DE::ADDRESS_COUNTRY,
    state: DE_DE::ADDRESS_STATE,
    city_before: &["Bad", "Neu", "Groß", "Alt"],
    city_after: &["dorf", "hausen", "heim", "burg", "stadt", "berg", "feld"],
    street: &["straße", "weg", "gasse", "allee", "platz"],
    street_shape: Street::Joined,
    phone: "+49-30-23125-###",
    company: DE_DE::COMPANY_SUFFIX,
    and: " & ",
    words: LATIN,
    ..ENGLISH
};

static FRENCH: Lists = Lists {
    first: FR_FR::NAME_FIRST_NAME,
    last: FR_FR::NAME_LAST_NAME,
    country: FR_FR::ADDRESS_COUNTRY,
    state: &["Bretagne", "Normandie", "Occitanie", "Corse", "Grand Est", "Île-de-France", "Bourgogne-Franche-Comté"],
    city_before: &["Saint", "Le", "Port"],
    city_after: &["ville", "-sur-Mer", "-sur-Loire", "-le-Château", "-les-Bains"],
    street: &["rue", "avenue", "boulevard", "place", "impasse", "chemin"],
    street_shape: Street::NumberAndKind,
    phone: "+33-6-39-98-##-##",
    company: &["SARL", "SA", "SAS", "et Fils", "EURL"],
    and: " et ",
    words: LATIN,
    ..ENGLISH
};

static ITALIAN: Lists = Lists {
    first: IT_IT::NAME_FIRST_NAME,
    last: IT_IT::NAME_LAST_NAME,
    country: IT_IT::ADDRESS_COUNTRY,
    state: IT_IT::ADDRESS_STATE,
    city_before: &["Villa", "San", "Santa", "Castel"],
    city_after: &["", " Terme", " sul Mare", " di Sopra", " al Monte"],
    street: &["Via", "Viale", "Piazza", "Corso", "Vicolo"],
    street_shape: Street::KindFirst,
    phone: "+39-3##-555####",
    company: IT_IT::COMPANY_SUFFIX,
    and: " e ",
    words: LATIN,
    ..ENGLISH
};

static DUTCH: Lists = Lists {
    first: NL_NL::NAME_FIRST_NAME,
    last: NL_NL::NAME_LAST_NAME,
    country: NL_NL::ADDRESS_COUNTRY,
    state: NL_NL::ADDRESS_STATE,
    city_before: &["Nieuw", "Oud", "Sint"],
    city_after: &["dam", "dijk", "veen", "drecht", "horn", "burg"],
    street: &["straat", "laan", "weg", "gracht", "plein"],
    street_shape: Street::Joined,
    zip: "#### $$",
    phone: "+31-6-555#####",
    company: NL_NL::COMPANY_SUFFIX,
    and: " en ",
    words: LATIN,
    ..ENGLISH
};

static BRAZILIAN: Lists = Lists {
    first: PT_BR::NAME_FIRST_NAME,
    last: PT_BR::NAME_LAST_NAME,
    country: &["Brasil", "Portugal", "Argentina", "Uruguai", "Chile", "Angola", "Estados Unidos", "Espanha", "Japão", "Alemanha"],
    state: PT_BR::ADDRESS_STATE,
    city_before: &["São", "Nova", "Porto", "Santa"],
    city_after: &["", " do Sul", " do Norte", " da Serra", "ópolis"],
    street: &["Rua", "Avenida", "Travessa", "Alameda", "Praça"],
    street_shape: Street::KindFirst,
    zip: "#####-###",
    phone: "+55-11-95555-####",
    company: PT_BR::COMPANY_SUFFIX,
    and: " e ",
    words: LATIN,
    ..ENGLISH
};

static JAPANESE: Lists = Lists {
    first: JA_JP::NAME_FIRST_NAME,
    last: JA_JP::NAME_LAST_NAME,
    family_first: Some(" "),
    country: &[
        "日本",
        "アメリカ合衆国",
        "中国",
        "韓国",
        "ドイツ",
        "フランス",
        "イギリス",
        "ブラジル",
        "インド",
        "オーストラリア",
    ],
    state: &["北海道", "東京都", "大阪府", "京都府", "神奈川県", "愛知県", "福岡県", "兵庫県", "千葉県", "広島県"],
    city_before: &[],
    city_after: &["市", "町", "村"],
    street: &["町", "台", "丘", "通り"],
    street_shape: Street::NumberLast("番地"),
    zip: "###-####",
    phone: "+81-90-5555-####",
    company: JA_JP::COMPANY_SUFFIX,
    and: "・",
    words: LATIN,
    ..ENGLISH
};

static CHINESE: Lists = Lists {
    first: ZH_CN::NAME_FIRST_NAME,
    last: ZH_CN::NAME_LAST_NAME,
    family_first: Some(""),
    country: ZH_CN::ADDRESS_COUNTRY,
    state: &["北京市", "上海市", "广东省", "江苏省", "浙江省", "山东省", "四川省", "湖北省", "福建省", "陕西省"],
    city_before: &[],
    city_after: ZH_CN::ADDRESS_CITY_SUFFIX,
    street: ZH_CN::ADDRESS_STREET_SUFFIX,
    street_shape: Street::NumberLast("号"),
    zip: "######",
    phone: "+86-155-5555-####",
    company: ZH_CN::COMPANY_SUFFIX,
    and: "与",
    words: ZH_CN::LOREM_WORD,
    prose: ("", "。"),
    job: ZH_CN::COMPANY_PROFESSION,
};
