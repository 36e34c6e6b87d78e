//! Files through servers that lie, by seed: what every exchange with a bank must keep.

use std::collections::BTreeMap;

use commands::disbursement::{Arrival, Marks, Parcel, ServerFault, arrivals};
use futures_util::FutureExt as _;
use simulations::Dice;
use simulations::server::{LyingServer, Took};

const SEEDS: u64 = 600;
const FILE: &[u8] = b"H|A1-2026-01-320000-1-1-BOC-1|3\n1|3184.55\n2|3184.55\n3|3184.55\n";
const PARCEL: Parcel<'static> = Parcel {
    name: "DF_A1-2026-01-320000-1-1-BOC-1.pay",
    bytes: FILE,
    ready: "DF_A1-2026-01-320000-1-1-BOC-1.pay.OK",
    ready_bytes: b"5a1f5a1f\n",
};

/// Everything in memory answers at once.
fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("a server in memory never waits")
}

/// What the log would hold of one file: a process that is cut leaves this, and nothing else.
#[derive(Default)]
struct Written {
    token: Option<String>,
    over: bool,
    unknown: bool,
}

/// One process tries once, and may be cut anywhere.
fn tries(server: &LyingServer, written: &mut Written, token: &str) -> Result<(), ServerFault> {
    let token = match &written.token {
        Some(token) => token.clone(),
        None => {
            now(PARCEL.prepare(server, token))?;
            written.token.get_or_insert(token.to_owned()).clone()
        }
    };
    match now(PARCEL.release(server, &token))? {
        Some(_) => written.over = true,
        None => written.unknown = true,
    }
    Ok(())
}

fn whole(took: &[Took]) {
    for one in took {
        assert_eq!(one.bytes.as_deref(), Some(FILE), "read half, or the mark came first");
        assert_eq!(one.mark, PARCEL.ready_bytes, "half a mark");
    }
}

#[test]
fn a_bank_takes_a_file_whole_and_once() {
    let (mut over, mut unknown) = (0, 0);
    for seed in 0..SEEDS {
        let server = LyingServer::new(seed, "BOC");
        let mut dice = Dice::new(seed, "bank", 0);
        let keeps = dice.chance(5_000);
        let mut written = Written::default();
        for round in 0..40 {
            if written.over {
                break;
            }
            // Cut or refused: the next process goes on from what is written down.
            let _cut = tries(&server, &mut written, &format!("t{round}"));
            if dice.chance(3_000) {
                server.bank_takes(keeps);
            }
            whole(&server.took());
        }
        server.calm();
        let _cut = tries(&server, &mut written, "last");
        server.bank_takes(keeps);
        let took = server.took();
        whole(&took);
        assert!(took.len() <= 1, "seed {seed}: the bank had it {} times", took.len());
        assert!(written.over || written.unknown, "seed {seed}: nobody knows that nobody knows");
        // Once all is calm, only a bank that keeps nothing can leave it unknown.
        assert!(written.over || !keeps, "seed {seed}: it was there to be found");
        assert!(
            !written.over || took.len() == 1,
            "seed {seed}: it counts as sent and is not there"
        );
        over += u32::from(written.over);
        unknown += u32::from(!written.over);
        now(PARCEL.sweep(&server)).unwrap();
        let left: Vec<_> =
            server.files().into_keys().filter(|path| path.contains(".part")).collect();
        assert!(!written.over || left.is_empty(), "seed {seed}: {left:?} lies there for ever");
    }
    assert!(over > 400 && unknown > 5, "{over} {unknown}");
}

/// Two nodes do it at once: each brings the file, one is written down.
#[test]
fn of_two_processes_at_once_the_bank_hears_one() {
    for seed in 0..SEEDS {
        let server = LyingServer::new(seed, "CMB");
        let mut dice = Dice::new(seed, "two", 0);
        let mut written = Written::default();
        for round in 0..30 {
            // Both bring it before either of them is written down.
            let names = [format!("a{round}"), format!("b{round}")];
            if written.token.is_none() {
                let brought = names.each_ref().map(|name| now(PARCEL.prepare(&server, name)));
                let first = names.iter().zip(brought).find(|(_, brought)| brought.is_ok());
                written.token = first.map(|(name, _)| name.clone());
            }
            if dice.chance(3_000) {
                server.bank_takes(true);
            }
            if let Some(token) = written.token.clone() {
                for _ in 0..2 {
                    let found = now(PARCEL.release(&server, &token));
                    written.over |= matches!(found, Ok(Some(_)));
                }
            }
        }
        server.calm();
        server.bank_takes(true);
        whole(&server.took());
        assert!(server.took().len() <= 1, "seed {seed}");
        assert!(!written.over || server.took().len() == 1, "seed {seed}");
    }
}

/// The test can fail: whoever sends again what he does not see is found out.
#[test]
fn sending_again_blindly_pays_twice() {
    let twice = (0..SEEDS).filter(|seed| {
        let server = LyingServer::new(*seed, "BOC");
        for round in 0..10 {
            let token = format!("t{round}");
            let sent = now(PARCEL.prepare(&server, &token))
                .and_then(|()| now(PARCEL.release(&server, &token)));
            server.bank_takes(false);
            if matches!(sent, Ok(Some(_))) {
                break;
            }
        }
        server.took().len() > 1
    });
    assert!(twice.count() > 20);
}

struct Digests;

impl Marks for Digests {
    fn name(&self, file: &str) -> String {
        format!("{file}.OK")
    }

    fn is_whole(&self, _: &str, bytes: &[u8], mark: &[u8]) -> bool {
        mark == digest(bytes)
    }
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    let sum: u32 = bytes.iter().zip(1_u32..).map(|(byte, place)| u32::from(*byte) * place).sum();
    format!("{}:{sum}", bytes.len()).into_bytes()
}

/// What a bank leaves: replies, one of them twice under two names, and a statement.
fn left() -> BTreeMap<&'static str, Vec<u8>> {
    let reply = |number: u32| format!("batch {number}\n1|paid\n2|returned|R03\n").into_bytes();
    BTreeMap::from([
        ("in/HP_1.txt", reply(1)),
        ("in/2/HP_1.txt", reply(1)),
        ("in/HP_2.txt", reply(2)),
        ("in/employee-pension-320000-320600-SI-2026/DZ_1.txt", reply(3)),
    ])
}

#[test]
fn what_a_bank_leaves_is_read_whole_and_put_away() {
    let (mut halves, mut again) = (0, 0);
    for seed in 0..SEEDS {
        let server = LyingServer::new(seed, "JSBANK");
        let mut dice = Dice::new(seed, "leaves", 0);
        let files = left();
        let mut read: Vec<(Option<String>, String, Vec<u8>)> = Vec::new();
        let mut look = |server: &LyingServer| {
            let Ok(found) = now(arrivals(server, &Digests)) else { return };
            halves += found.halves.len();
            for file in &found.whole {
                let Arrival { folder, name, bytes, .. } = file;
                read.push((folder.clone(), name.clone(), bytes.clone()));
                let _cut = now(file.put_away(server, None));
            }
        };
        for (path, bytes) in &files {
            // Some banks put the mark first, and all put files piece by piece.
            let mark = || server.bank_leaves(&format!("{path}.OK"), &digest(bytes));
            let early = dice.chance(3_000);
            if early {
                mark();
            }
            for end in [bytes.len() / 3, bytes.len() / 2, bytes.len()] {
                server.bank_leaves(path, &bytes[..end]);
                look(&server);
            }
            if !early {
                mark();
            }
            look(&server);
        }
        (0..20).for_each(|_| look(&server));
        server.calm();
        look(&server);
        let lying = server.files();
        for (path, bytes) in &files {
            let (folder, name) = path.rsplit_once('/').unwrap();
            let of = folder.strip_prefix("in/").map(str::to_owned);
            let times = read.iter().filter(|(folder, known, _)| *folder == of && known == name);
            again += times.clone().count() - 1;
            times.for_each(|(_, _, read)| assert_eq!(read, bytes, "seed {seed}: half of {path}"));
            assert_eq!(lying.get(&format!("{folder}/taken/{name}")), Some(bytes), "seed {seed}");
            assert!(!lying.contains_key(*path), "seed {seed}: {path} is still to be taken");
        }
        let kept = lying.keys().filter(|path| path.contains("/taken/")).count();
        assert_eq!(kept, files.len(), "seed {seed}: put away once");
    }
    // Read again because putting away was cut: the command of a file follows from its bytes.
    assert!(halves > 50 && again > 50, "{halves} {again}");
}
