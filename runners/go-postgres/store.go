package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"agentderby/kit/chat"
	"agentderby/kit/outbound"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// connections replaces pgxpool's default, which is 4 on small machines: commits wait for the disk, not for a core.
	connections   = 16
	connectMost   = 5 * time.Second
	statementMost = 10 * time.Second
)

//go:embed schema.sql
var schema string

var (
	// errSuperseded: another process owns the session now; nothing was written.
	errSuperseded = errors.New("the session is owned by another process now")
	// errNotTakenBack: another process has owned the session since we did, so that it is not loaded unasked.
	errNotTakenBack = fmt.Errorf("not taken back: %w", errSuperseded)
)

// An entry is one message of a turn. Step 0 is the input; part 0 of a step is the model's answer, part n the result of its nth call.
type entry struct {
	step, part int
	message    chat.Message
	// writtenAt is on our clock.
	writtenAt time.Time
}

// A storedTurn is a turn as it was read.
type storedTurn struct {
	id  string
	seq int
	// epoch of the owner that accepted it.
	epoch   int
	running bool
	failure *chat.Failure
	entries []entry
}

// A write changes one turn. Its parts are committed together or not at all.
type write struct {
	session, turn string
	// epoch under which it was written: a superseded owner changes nothing.
	epoch int
	// seq is the turn's place in its session, from 1, where it begins.
	seq   int
	entry *entry
	// done: the turn ends with the entry as its answer, or with the failure.
	done    bool
	failure *chat.Failure
}

// store is the database behind the live sessions. What it returned from is committed, and a session's rows are written only
// under the epoch that owns it. A write that failed may have been committed all the same: who asked must read again to know.
type store struct {
	pool *pgxpool.Pool
	// owner is a name that the next start of this process has too, so that it finds what this one leaves unfinished.
	owner string
	// start tells this start from every other one of the same owner.
	start string
}

func newStore(url, owner string) (*store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = connections
	config.ConnConfig.ConnectTimeout = connectMost
	// Plans are made while the tables are still empty, and the best plan for an empty table reads all of it. All statements
	// here find rows by key, so the planner is asked not to consider anything else.
	for _, plan := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin"} {
		config.ConnConfig.RuntimeParams[plan] = "off"
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	return &store{pool, owner, fmt.Sprintf("%d-%d", time.Now().UnixNano(), os.Getpid())}, err
}

// setUp creates the tables where they are missing. Any number of processes may do so at once.
func (s *store) setUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, statementMost)
	defer cancel()
	_, err := s.pool.Exec(ctx, schema)
	return err
}

// own makes this process the owner of the session and returns its new epoch, 1 for a session that did not exist. Every later
// write of its former owner finds another epoch.
func (s *store) own(ctx context.Context, session string) (epoch int, err error) {
	ctx, cancel := context.WithTimeout(ctx, statementMost)
	defer cancel()
	err = s.pool.QueryRow(ctx, `
		INSERT INTO sessions (id, epoch, owner, start) VALUES ($1, 1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET epoch = sessions.epoch + 1, owner = EXCLUDED.owner, start = EXCLUDED.start
		RETURNING epoch`, session, s.owner, s.start).Scan(&epoch)
	return epoch, err
}

// takeBack owns anew a session that this process owned last, and returns its new epoch, or errNotTakenBack. The start is
// compared, not the epoch: whose answer to own was lost does not know its epoch.
func (s *store) takeBack(ctx context.Context, session string) (epoch int, err error) {
	ctx, cancel := context.WithTimeout(ctx, statementMost)
	defer cancel()
	err = s.pool.QueryRow(ctx, `UPDATE sessions SET epoch = epoch + 1 WHERE id = $1 AND start = $2 RETURNING epoch`,
		session, s.start).Scan(&epoch)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errNotTakenBack
	}
	return epoch, err
}

// The share lock makes a take-over wait for the transaction, so that the new owner reads what it wrote.
const (
	lockOwned   = `SELECT 1 FROM sessions WHERE id = $1 AND epoch = $2 FOR SHARE`
	whereOwned  = ` WHERE EXISTS (SELECT 1 FROM sessions WHERE id = $1 AND epoch = $2)`
	beginTurn   = `INSERT INTO turns (session, turn, seq, epoch, state) SELECT $1::text, $3::text, $4::int, $2::int, 'running'` + whereOwned
	appendEntry = `INSERT INTO journal (session, turn, step, part, message) SELECT $1::text, $3::text, $4::smallint, $5::smallint, $6::json` + whereOwned
	endTurn     = `UPDATE turns SET state = $4::text, failure = $5::json` + whereOwned + ` AND session = $1 AND turn = $3`
)

// commit commits the write, in one round trip: a batch is one transaction.
func (s *store) commit(ctx context.Context, w write) error {
	ctx, cancel := context.WithTimeout(ctx, statementMost)
	defer cancel()
	var batch pgx.Batch
	owned := false
	batch.Queue(lockOwned, w.session, w.epoch).QueryRow(func(row pgx.Row) error {
		var one int
		err := row.Scan(&one)
		owned = err == nil
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if w.seq > 0 {
		batch.Queue(beginTurn, w.session, w.epoch, w.turn, w.seq)
	}
	if w.entry != nil {
		message, err := outbound.JSON(w.entry.message)
		if err != nil {
			return err
		}
		batch.Queue(appendEntry, w.session, w.epoch, w.turn, w.entry.step, w.entry.part, string(message))
	}
	if w.failure != nil {
		failure, err := outbound.JSON(w.failure)
		if err != nil {
			return err
		}
		batch.Queue(endTurn, w.session, w.epoch, w.turn, "failed", string(failure))
	} else if w.done {
		batch.Queue(endTurn, w.session, w.epoch, w.turn, "done", nil)
	}
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	if !owned {
		return errSuperseded
	}
	return nil
}

// load returns all turns of a session in order, the unfinished one last.
func (s *store) load(ctx context.Context, session string) ([]storedTurn, error) {
	ctx, cancel := context.WithTimeout(ctx, statementMost)
	defer cancel()
	rows, err := s.pool.Query(ctx, `
		SELECT t.turn, t.seq, t.epoch, t.state = 'running', t.failure::text,
			j.step, j.part, j.message::text, extract(epoch FROM now() - j.written_at)::float8
		FROM turns t JOIN journal j ON j.session = t.session AND j.turn = t.turn
		WHERE t.session = $1 ORDER BY t.seq, j.step, j.part`, session)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var turns []storedTurn
	for rows.Next() {
		var turn storedTurn
		var entry entry
		var failure *string
		var message string
		var ageSeconds float64
		err := rows.Scan(&turn.id, &turn.seq, &turn.epoch, &turn.running, &failure, &entry.step, &entry.part, &message, &ageSeconds)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(message), &entry.message); err != nil {
			return nil, err
		}
		entry.writtenAt = time.Now().Add(-time.Duration(ageSeconds * float64(time.Second)))
		if last := len(turns) - 1; last < 0 || turns[last].id != turn.id {
			if failure != nil {
				if err := json.Unmarshal([]byte(*failure), &turn.failure); err != nil {
					return nil, err
				}
			}
			turns = append(turns, turn)
		}
		turns[len(turns)-1].entries = append(turns[len(turns)-1].entries, entry)
	}
	return turns, rows.Err()
}

// inherit returns the sessions in which an earlier start of this owner left a turn unfinished. They are ours to take back now.
func (s *store) inherit(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, statementMost)
	defer cancel()
	rows, err := s.pool.Query(ctx, `
		UPDATE sessions SET start = $2
		WHERE owner = $1 AND id IN (SELECT session FROM turns WHERE state = 'running')
		RETURNING id`, s.owner, s.start)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// ping returns nil if the database answers.
func (s *store) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, statementMost)
	defer cancel()
	return s.pool.Ping(ctx)
}
