// Package inbox is the channel of the site itself: what somebody with an account is
// told stands there until its process's term, read or unread. Handing a letter over is
// keeping it, once a delivery, so a crash between the two leaves one.
//
// The text that is kept holds no personal link: where a mail has one, it has the
// address of a page that derives the link for whoever is signed in.
package inbox

import (
	"cmp"
	"context"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify/channel"
	"arengo/notify/preference"
	"arengo/notify/templates"
	"arengo/process/pg"
)

// Name is the word for the inbox in the ledger.
const Name = "inbox"

// home is the page of the inbox; one message is below it.
const home = "/messaggi"

// Path is the page of one message.
func Path(ref string) string { return home + "/" + ref }

// LinkPath is the address, below that page, which leads to where the message's button
// would.
func LinkPath(ref string) string { return Path(ref) + "/vai" }

// Item is one message as it is kept. Sender is the process it came from, as it was
// called then, "" for none. Text is a templates.Note's, whose button leads to
// LinkPath(Ref). ReadAt is the zero time while it is unread.
type Item struct {
	ProcessID  int64
	DeliveryID int64
	NoticeID   int64
	PersonID   int64
	Ref        string
	Locale     string
	Sender     string
	Subject    string
	Preview    string
	Text       string `bun:"body"`
	At         time.Time
	ReadAt     time.Time `bun:",nullzero"`
}

// Unread reports that its reader has not opened it, or said so.
func (i Item) Unread() bool { return i.ReadAt.IsZero() }

// Reach is whom the inbox reaches: those with an account. What proves an address goes
// to that address and not here.
type Reach struct{ accounts schema.QueryAppender }

// Reaching makes a Reach from a query for the identifiers of the people with an
// account.
func Reaching(accounts schema.QueryAppender) Reach { return Reach{accounts} }

// Name is the word for the inbox in the ledger.
func (Reach) Name() string { return Name }

// Silent says that the inbox disturbs nobody.
func (Reach) Silent() {}

// Recipients keeps those with an account; there is no address. A digest tells what
// stands here already.
func (r Reach) Recipients(o channel.Occasion, who schema.QueryAppender) schema.QueryAppender {
	if o.Proof || o.Kind == preference.Digest {
		return nil
	}
	return withAccount(who, r.accounts)
}

// Blocked names nobody: what stands on the site can be left unread.
func (Reach) Blocked(context.Context, bun.IDB, channel.Occasion, []string) (map[string]string, error) {
	return nil, nil
}

// Channel keeps letters in a database.
type Channel struct {
	Reach
	db *bun.DB
}

// New makes the channel.
func New(db *bun.DB, reach Reach) *Channel { return &Channel{reach, db} }

// Open gives a session, which holds nothing.
func (c *Channel) Open() channel.Session { return session{c.db} }

// Close has nothing to give up.
func (*Channel) Close() {}

type session struct{ db *bun.DB }

// Send keeps one letter, unless it is kept already.
func (s session) Send(ctx context.Context, l channel.Letter) (channel.Result, error) {
	item, err := compose(l)
	if err != nil {
		return channel.Result{}, err
	}
	if err := keep(ctx, s.db, item); err != nil {
		if pg.Lost(err) {
			return channel.Result{Outcome: channel.Unavailable, Err: err}, nil
		}
		return channel.Result{}, err
	}
	return channel.Result{Outcome: channel.Delivered, Reference: item.Ref}, nil
}

// Close has nothing to give back.
func (session) Close() {}

// compose writes the item of one letter.
func compose(l channel.Letter) (Item, error) {
	f, ref := l.Facts, l.Ref()
	if f.Recipient.Link != "" {
		f.Recipient.Link = LinkPath(ref)
	}
	f.Recipient.Shared, f.Recipient.UnsubscribeURL = true, ""
	note, err := templates.Short(cmp.Or(f.Kind, l.Kind), f)
	return Item{
		ProcessID: l.ProcessID, DeliveryID: l.DeliveryID, NoticeID: l.NoticeID, PersonID: l.PersonID, Ref: ref,
		Locale: templates.Supported(f.Recipient.Locale), Sender: f.Process.Title,
		Subject: note.Subject, Preview: note.Preview, Text: note.Text, At: l.Now,
	}, err
}
