//! One type per kind of key, so that an owner's number can never be passed where a premise's is wanted.

/// No positive number, so it is nobody's key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key")]
pub struct NotAKey;

/// How a key is described to other programs.
pub fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
    ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64))).minimum(Some(1)).into()
}

/// Declares a key type: a positive 64-bit number that knows what it identifies.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(transparent)]
        #[serde(try_from = "i64")]
        pub struct $name(pub i64);

        impl TryFrom<i64> for $name {
            type Error = $crate::kernel::id::NotAKey;

            fn try_from(key: i64) -> Result<Self, Self::Error> {
                if key > 0 { Ok(Self(key)) } else { Err($crate::kernel::id::NotAKey) }
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::kernel::id::schema()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::kernel::id::NotAKey;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse::<i64>().map_err(|_| $crate::kernel::id::NotAKey)?.try_into()
            }
        }
    )+};
}
