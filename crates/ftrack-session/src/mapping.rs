//! The map interface that metadata and custom attributes have in common.

/// Adds the methods of a map to a type that has `owner`, `keys`, `value`, `set` and `remove`.
///
/// They are methods of the types themselves, and no trait's, so that nothing has to be imported to use them.
macro_rules! mapping {
    ($map:ident, $what:literal) => {
        impl $map {
            /// The entity that this belongs to.
            pub fn entity(&self) -> &$crate::Entity {
                &self.owner
            }

            /// The value of `key` as a `T`: see [`FromAttribute`](crate::FromAttribute) for the types there are.
            ///
            /// `Option<T>` reads null and missing keys as `None`; any other type needs a value.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such key,
            /// [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its value is not known,
            /// [`ErrorKind::WrongType`](crate::ErrorKind::WrongType) if it is not a `T`, and the errors of loading.
            #[track_caller]
            pub fn get<T: $crate::FromAttribute>(&self, key: &str) -> $crate::Result<T> {
                let value = self.value(key)?;
                $crate::entity::keys::typed(&self.owner, $what, key, value)
            }

            /// The value of `key` as a `T`; `default` if there is no such key, or its value is null.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::WrongType`](crate::ErrorKind::WrongType) if the value is not a `T`, and the errors of
            /// loading.
            #[track_caller]
            pub fn get_or<T: $crate::FromAttribute>(
                &self,
                key: &str,
                default: T,
            ) -> $crate::Result<T> {
                Ok(self.get::<Option<T>>(key)?.unwrap_or(default))
            }

            /// Whether there is such a key.
            ///
            /// # Errors
            ///
            /// The errors of loading.
            #[track_caller]
            pub fn contains(&self, key: &str) -> $crate::Result<bool> {
                Ok(self.keys()?.iter().any(|known| known == key))
            }

            /// How many keys there are.
            ///
            /// # Errors
            ///
            /// The errors of loading.
            #[track_caller]
            pub fn len(&self) -> $crate::Result<usize> {
                Ok(self.keys()?.len())
            }

            /// Whether there are no keys.
            ///
            /// # Errors
            ///
            /// The errors of loading.
            #[track_caller]
            pub fn is_empty(&self) -> $crate::Result<bool> {
                Ok(self.keys()?.is_empty())
            }

            /// The keys with their values.
            ///
            /// # Errors
            ///
            /// The errors of loading.
            #[track_caller]
            pub fn items(&self) -> $crate::Result<Vec<(String, $crate::Value)>> {
                let mut items = Vec::new();
                for key in self.keys()? {
                    if let Some(value) = self.value(&key)? {
                        items.push((key, value));
                    }
                }
                Ok(items)
            }

            /// The values, in the order of the keys.
            ///
            /// # Errors
            ///
            /// The errors of loading.
            #[track_caller]
            pub fn values(&self) -> $crate::Result<Vec<$crate::Value>> {
                Ok(self.items()?.into_iter().map(|(_, value)| value).collect())
            }

            /// The value of `key`, which is set to `default` first if there is no such key.
            ///
            /// # Errors
            ///
            /// As [`set`](Self::set).
            #[track_caller]
            pub fn set_default(
                &self,
                key: &str,
                default: impl Into<$crate::Value>,
            ) -> $crate::Result<$crate::Value> {
                if let Some(value) = self.value(key)? {
                    return Ok(value);
                }
                let default = default.into();
                self.set(key, default.clone())?;
                Ok(default)
            }

            /// Removes `key` and gives back its value; `None` if there was no such key.
            ///
            /// # Errors
            ///
            /// As [`remove`](Self::remove).
            #[track_caller]
            pub fn pop(&self, key: &str) -> $crate::Result<Option<$crate::Value>> {
                let value = self.value(key)?;
                self.remove(key)?;
                Ok(value)
            }

            /// Removes the first key and gives it back with its value; `None` if there are no keys.
            ///
            /// # Errors
            ///
            /// As [`remove`](Self::remove).
            #[track_caller]
            pub fn pop_item(&self) -> $crate::Result<Option<(String, $crate::Value)>> {
                let Some(key) = self.keys()?.into_iter().next() else {
                    return Ok(None);
                };
                Ok(self.pop(&key)?.map(|value| (key, value)))
            }

            /// Removes all keys.
            ///
            /// # Errors
            ///
            /// As [`remove`](Self::remove).
            #[track_caller]
            pub fn clear(&self) -> $crate::Result<()> {
                for key in self.keys()? {
                    self.remove(&key)?;
                }
                Ok(())
            }
        }

        /// The entity, and what this is of it: reading values might have to load them.
        impl std::fmt::Debug for $map {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "<{} of {:?}>", $what, self.owner)
            }
        }
    };
}

pub(crate) use mapping;
