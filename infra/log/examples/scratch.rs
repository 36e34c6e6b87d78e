use rusqlite::Connection; use std::time::Instant; use uuid::Uuid;
fn run(name:&str, page:i64, idx:bool, share:bool, size:usize, ckpt:i64, uniq: bool){
  let mut best=0u64;
  for _ in 0..3 {
  let dir=tempfile::tempdir().unwrap(); let c=Connection::open(dir.path().join("x.db")).unwrap();
  c.pragma_update(None,"page_size",page).unwrap();
  c.pragma_update(None,"journal_mode","WAL").unwrap();c.pragma_update(None,"synchronous","FULL").unwrap();
  c.pragma_update(None,"cache_size",-65536).unwrap();c.pragma_update(None,"wal_autocheckpoint",ckpt).unwrap();
  c.execute_batch(&format!("CREATE TABLE events(position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, type TEXT NOT NULL, id BLOB NOT NULL, recorded_at INTEGER NOT NULL, meta TEXT NOT NULL, data TEXT NOT NULL {}) STRICT;", if uniq {", UNIQUE(stream,revision)"} else {""})).unwrap();
  if idx {c.execute_batch("CREATE UNIQUE INDEX i ON events(id)").unwrap();}
  let data="x".repeat(385); let meta="m".repeat(190);
  let text=format!("INSERT INTO events VALUES {}", vec!["(?,?,?,?,?,?,?,?)";size].join(","));
  let t=Instant::now(); let mut pos=0i64; 
  for chunk in 0..150 { c.execute_batch("BEGIN IMMEDIATE").unwrap(); let stream=format!("obligation-{chunk:012}");
    let mut st=c.prepare_cached(&text).unwrap(); let mut done=0usize;
    while done<1000 { let mut k=0; for _ in 0..size { pos+=1; done+=1; let id=Uuid::from_u128(((pos as u128)<<72)|((pos as u128).wrapping_mul(0x9E3779B97F4A7C15)<<8));
      let mut b=|v:&dyn rusqlite::ToSql|{k+=1; st.raw_bind_parameter(k,v).unwrap()};
      b(&pos);b(&stream);b(&(done as i64));b(&"obligation.calculated.v1");b(&id.as_bytes().as_slice());b(&(1768435200000000+pos));
      if share && done>1 {b(&"")} else {b(&meta)}; b(&data);} st.raw_execute().unwrap(); }
    drop(st); c.execute_batch("COMMIT").unwrap(); }
  best=best.max(pos as u64*1000000/t.elapsed().as_micros() as u64);}
  println!("{name:40} {best}");
}
fn main(){
 for _ in 0..2{
 run("base",4096,true,false,50,4096,true);
 run("no id index",4096,false,false,50,4096,true);
 run("share meta",4096,true,true,50,4096,true);
 run("share meta, no id",4096,false,true,50,4096,true);
 run("no idx at all share",4096,false,true,50,4096,false);
 run("page 8192",8192,true,false,50,2048,true);
 run("page 16384",16384,true,false,50,1024,true);
 run("page 8192 share",8192,true,true,50,2048,true);
 run("size 100",4096,true,false,100,4096,true);
 run("size 20",4096,true,false,20,4096,true);
 run("ckpt 1000",4096,true,false,50,1000,true);
 run("ckpt 16384",4096,true,false,50,16384,true);
 println!();}
}
