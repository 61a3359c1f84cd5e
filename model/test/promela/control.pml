/* MPTCPsec, 3.6: control messages in records over two subflows.  See README.md for what is abstracted.
 *
 * One side says MSGS messages, numbered by CSN; each rides in a record on one of two subflows. A subflow delivers what
 * it has in its own order, late at will, and dies DEATHS times; what was in flight there is delivered or lost. The last
 * one that dies is joined anew. The peer takes messages in CSN order, once, holds HELD at most, and answers by CACK,
 * which may be lost.  ATT captured records come again anywhere: TCP and the nonce do not let them in (a record is
 * opened at its own place of its own subflow only), unless BUG_REPLAY.                                             */

#ifndef MSGS
#define MSGS 4
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#ifndef ATT
#define ATT 2
#endif
#define HELD 3                                 /* 32 in the protocol */

/* slot s of subflow f: CSN in flight, 0 none */
typedef Sub { byte fly[MSGS]; byte n; bool up };
Sub sub[2];
byte said, acked, cack, deaths = DEATHS, att = ATT;
byte carrier[6];                        /* 0 to be sent, 1 or 2: rides on subflow 0 or 1 */
byte next = 1, taken[6];
bool held[6], cack_due;

inline put(f, csn) { sub[f].fly[sub[f].n] = csn; sub[f].n++; carrier[csn] = f + 1 }

inline take(csn) {                             /* at the peer, from a record that verified */
  if
#ifdef BUG_ORDER                               /* processed as they come */
  :: taken[csn]++; assert(csn == next); next++
#else
  :: csn == next -> taken[csn]++; next++;
     do
     :: next <= MSGS && held[next] -> held[next] = false; taken[next]++; next++
     :: else -> break
     od
#ifdef BUG_TWICE                               /* an old one counts again */
  :: csn < next -> taken[csn]++
#else
  :: csn < next -> skip
#endif
  :: csn > next && csn - next < HELD -> held[csn] = true
  :: csn > next && csn - next >= HELD -> assert(false)   /* broken peer: closed */
#endif
  fi;
  cack_due = true
}

/* Said, not acknowledged, not on its way; and not further than the peer holds. */
#ifdef BUG_FAR
#define WINDOW MSGS
#else
#define WINDOW HELD
#endif
#define can(m) (said >= m && acked < m && !carrier[m] && m - acked <= WINDOW && ((sub[0].up && sub[0].n < MSGS) || (sub[1].up && sub[1].n < MSGS)))
inline send(m) { if :: sub[0].up && sub[0].n < MSGS -> put(0, m) :: sub[1].up && sub[1].n < MSGS -> put(1, m) fi }

active proctype Sender() {
  atomic { sub[0].up = true; sub[1].up = true };
end:
  do
  :: atomic { said < MSGS -> said++ }
  :: atomic { can(1) -> send(1) }
  :: atomic { can(2) -> send(2) }
  :: atomic { can(3) -> send(3) }
  :: atomic { can(4) -> send(4) }
#if MSGS > 4
  :: atomic { can(5) -> send(5) }
#endif
  :: atomic { cack > acked -> acked = cack }
  od
}

active proctype Path() {
  byte f, i, csn;
end:
  do
  :: atomic { if :: sub[0].n > 0 && sub[0].up -> f = 0 :: sub[1].n > 0 && sub[1].up -> f = 1 fi;
       csn = sub[f].fly[0]; i = 1;
       do :: i < sub[f].n -> sub[f].fly[i - 1] = sub[f].fly[i]; i++ :: else -> break od;
       sub[f].n--; sub[f].fly[sub[f].n] = 0; take(csn); csn = 0; i = 0; f = 0 }
  :: atomic { deaths > 0 && (sub[0].up || sub[1].up) ->                   /* a subflow dies: all that it still has is lost, and is due again */
       deaths--; if :: sub[0].up -> f = 0 :: sub[1].up -> f = 1 fi;
       i = 1;
       do
       :: i <= MSGS ->
#ifndef BUG_LOST
          if :: carrier[i] == f + 1 -> carrier[i] = 0 :: else fi;
#endif
          i++
       :: else -> break
       od;
       i = 0; do :: i < MSGS -> sub[f].fly[i] = 0; i++ :: else -> break od;
       sub[f].n = 0; sub[f].up = false; i = 0; f = 0 }
  :: atomic { !sub[0].up && !sub[1].up -> sub[0].up = true }          /* break before make */
  :: atomic { cack_due -> cack_due = false; if :: cack = next - 1 :: att > 0 -> att--; cack_due = true fi } /* lost: the next record has it */
#ifdef BUG_REPLAY
  :: atomic { att > 0 && next > 1 -> att--; select(csn : 1 .. MSGS); if :: csn < next -> taken[csn]++ :: else fi; csn = 0 }
#endif
  od
}

active proctype Once() {                       /* in every state */
  byte i;
end:
  atomic { (taken[1] > 1 || taken[2] > 1 || taken[3] > 1 || taken[MSGS] > 1 || acked >= next) -> assert(false) }
}

active proctype Final() {
  timeout -> assert(next == MSGS + 1 && acked == MSGS)   /* nothing is forgotten, nobody waits for ever */
}
