//! The walk: goes along the trail from its beginning and names the first entry that does not fit.

use std::collections::VecDeque;
use std::fmt;

use super::chain::{GENESIS, Recorded};
use super::head::Head;

/// That the trail had an entry with this number and this hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The entry's number.
    pub number: i64,
    /// The entry's hash.
    pub hash: String,
    /// Who says so.
    pub whence: Whence,
}

/// Where a mark is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whence {
    /// The database's own note of its newest entry.
    Tip,
    /// The head that was signed on a day.
    Head(String),
}

/// What can be wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Its content is not what its hash was made of.
    Edited,
    /// It is not there, and later ones are.
    Missing,
    /// It is not there, nor is any later one; and once there were as many as this.
    CutOff(i64, Whence),
    /// Its number was there before.
    Inserted,
    /// It does not follow the entry before it.
    Reordered,
    /// The trail up to here is not the one that was marked.
    NotAsMarked(Whence),
    /// It is newer than the database's own note of its newest entry.
    Unnoted,
}

/// The first entry that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Its number.
    pub number: i64,
    /// What is wrong with it.
    pub what: Wrong,
}

impl From<&Head> for Mark {
    fn from(head: &Head) -> Self {
        Self {
            number: head.number,
            hash: head.hash.clone(),
            whence: Whence::Head(head.day.clone()),
        }
    }
}

impl fmt::Display for Whence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tip => f.write_str("the database's note of its newest entry"),
            Self::Head(day) => write!(f, "the head signed on {day}"),
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} ", self.number)?;
        match &self.what {
            Wrong::Edited => f.write_str("was edited: its content does not have its hash"),
            Wrong::Missing => f.write_str("is missing: it was removed, and later ones are there"),
            Wrong::CutOff(upto, whence) => write!(
                f,
                "is missing: the trail was cut off here, or an older copy of the database was put in its place; {whence} \
                 says that there were {upto}"
            ),
            Wrong::Inserted => f.write_str("was inserted: its number was there before"),
            Wrong::Reordered => {
                f.write_str("is out of place: it does not follow the entry before it")
            }
            Wrong::NotAsMarked(whence) => write!(
                f,
                "ends a trail that is not the one of {whence}: it or an entry before it was replaced"
            ),
            Wrong::Unnoted => {
                f.write_str("was added past this program: the database's note ends before it")
            }
        }
    }
}

/// A walk along the trail, entry by entry in the order of their numbers.
#[derive(Debug)]
pub struct Walk {
    number: i64,
    hash: String,
    marks: VecDeque<Mark>,
}

impl Walk {
    /// Begins before the first entry. The marks may be in any order, and there may be none.
    pub fn begin(mut marks: Vec<Mark>) -> Self {
        // Nothing is marked before there is an entry.
        marks.retain(|mark| mark.number > 0);
        marks.sort_by_key(|mark| mark.number);
        Self {
            number: 0,
            hash: GENESIS.to_owned(),
            marks: marks.into(),
        }
    }

    /// Tells how many entries were found to fit.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// Goes on to the next entry.
    ///
    /// # Errors
    /// When it does not fit: the walk ends there.
    pub fn step(&mut self, entry: &Recorded) -> Result<(), Misfit> {
        let next = self.number + 1;
        if entry.number > next {
            return Err(misfit(next, Wrong::Missing));
        }
        if entry.number < next {
            return Err(misfit(entry.number, Wrong::Inserted));
        }
        if entry.previous != self.hash {
            return Err(misfit(next, Wrong::Reordered));
        }
        if entry.hash != entry.hash_of_content() {
            return Err(misfit(next, Wrong::Edited));
        }
        self.number = next;
        self.hash.clone_from(&entry.hash);
        while let Some(mark) = self.marks.pop_front_if(|mark| mark.number == next) {
            if mark.hash != self.hash {
                return Err(misfit(next, Wrong::NotAsMarked(mark.whence)));
            }
        }
        Ok(())
    }

    /// Ends after the last entry.
    ///
    /// # Errors
    /// When a mark says that there was another.
    pub fn finish(self) -> Result<(), Misfit> {
        match self.marks.back() {
            Some(mark) => {
                let cut = Wrong::CutOff(mark.number, mark.whence.clone());
                Err(misfit(self.number + 1, cut))
            }
            None => Ok(()),
        }
    }
}

fn misfit(number: i64, what: Wrong) -> Misfit {
    Misfit { number, what }
}
