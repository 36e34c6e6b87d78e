//! The endpoint before a real installation: a demo city with one paid month, every adapter behind
//! it, and requests as front-ends send them.
//!
//! | file | what it shows |
//! |---|---|
//! | [`reads`] | every root query answers; pages stay stable; what was is told as it was |
//! | [`narrow`] | a clerk of one county sees nothing of another's |
//! | [`few`] | a page of fifty takes no more statements than a page of five |
//! | [`people`], [`money`] | every mutation is carried out; refusals, dry runs, repetition |
//! | [`cases`] | returns, recoveries, holds, heirs, deductions, stops and comparisons are worked off |
//! | [`deaths`] | a list of the dead is matched, and tells what it could not match |
//! | [`ledger`], [`cutover`] | the money side: journals, differences, certificates, feeds, openings, exports |
//! | [`looks`] | clear values and exports are recorded, and nobody is shown what is not |
//! | [`live`] | a subscription begins, goes on, and resumes |
//! | [`figures`] | indicators, what lies behind a figure, and whole screens |
//! | [`notices`] | observed facts become tags and warnings, and people work on those |
//! | [`tables`] | tables of persons and others are handed in, watched and reported |
//! | [`rules`] | the pages on tags and warnings are followed; trials, segments, what people say against a rule |
//! | [`roots`] | no root field of the schema is left out of the above |

mod cases;
mod cutover;
mod deaths;
mod few;
mod figures;
mod house;
mod ledger;
mod live;
mod looks;
mod money;
mod narrow;
mod narrow_cases;
mod notices;
mod people;
mod readme;
mod reads;
mod restored;
mod roots;
mod rules;
mod tables;
