//! The values that the standard maps may hold.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::{AsMember, Candidate, Member};

impl AsMember for str {
    fn as_member(&self) -> Member<'_> {
        Member::Text(Cow::Borrowed(self))
    }
}

impl AsMember for String {
    fn as_member(&self) -> Member<'_> {
        self.as_str().as_member()
    }
}

impl AsMember for Cow<'_, str> {
    fn as_member(&self) -> Member<'_> {
        Member::Text(Cow::Borrowed(self))
    }
}

impl AsMember for bool {
    fn as_member(&self) -> Member<'_> {
        Member::Boolean(*self)
    }
}

macro_rules! numbers_as_members {
    ($variant:ident, $wide:ty: $($number:ty),+) => {$(
        impl AsMember for $number {
            fn as_member(&self) -> Member<'_> {
                Member::$variant(<$wide>::from(*self))
            }
        }
    )+};
}

numbers_as_members!(Integer, i128: i8, i16, i32, i64, i128, u8, u16, u32, u64);
numbers_as_members!(Float, f64: f32, f64);

/// `None` is null: the key is there.
impl<T: AsMember> AsMember for Option<T> {
    fn as_member(&self) -> Member<'_> {
        self.as_ref().map_or(Member::Null, T::as_member)
    }
}

impl<T> AsMember for Vec<T> {
    fn as_member(&self) -> Member<'_> {
        Member::List
    }
}

impl AsMember for Member<'_> {
    fn as_member(&self) -> Member<'_> {
        match self {
            Self::Text(text) => Member::Text(Cow::Borrowed(text)),
            member => member.clone(),
        }
    }
}

impl<K, V, S> AsMember for HashMap<K, V, S>
where
    Self: Candidate,
{
    fn as_member(&self) -> Member<'_> {
        Member::Map(self)
    }
}

impl<K, V> AsMember for BTreeMap<K, V>
where
    Self: Candidate,
{
    fn as_member(&self) -> Member<'_> {
        Member::Map(self)
    }
}

impl<T: AsMember + ?Sized> AsMember for &T {
    fn as_member(&self) -> Member<'_> {
        (**self).as_member()
    }
}
