package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"arengo/notify/bounce"
)

// session is one signed-in connection.
type session struct {
	*imapclient.Client
	account Account
}

// Error is a mailbox that could not be used. Step is "connect", "encrypt",
// "login", "folder" or "read".
type Error struct {
	Step string
	Host string
	Err  error
}

// Error names the step that failed and the place.
func (e *Error) Error() string { return fmt.Sprintf("mailbox at %s: %s: %v", e.Host, e.Step, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func (a Account) failed(step string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Step: step, Host: a.Address, Err: err}
}

// dial connects and signs in. The context bounds all that the session does: when
// it ends the connection is cut.
func dial(ctx context.Context, a Account) (*session, error) {
	conn, err := (&net.Dialer{Timeout: 15 * time.Second}).DialContext(ctx, "tcp", a.Address)
	if err != nil {
		return nil, a.failed("connect", err)
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	client, err := a.greet(ctx, conn)
	if err != nil {
		_ = conn.Close() // nothing was said
		return nil, a.failed("encrypt", err)
	}
	s := &session{client, a}
	if err := s.signIn(ctx); err != nil {
		_ = s.Close() // refused already
		return nil, a.failed("login", err)
	}
	return s, nil
}

func (a Account) greet(ctx context.Context, conn net.Conn) (*imapclient.Client, error) {
	options := &imapclient.Options{TLSConfig: &tls.Config{ServerName: a.Host, MinVersion: tls.VersionTLS12}}
	switch {
	case a.TLS:
		secure := tls.Client(conn, options.TLSConfig)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		conn = secure
	case !a.Plain:
		return imapclient.NewStartTLS(conn, options)
	}
	client := imapclient.New(conn, options)
	return client, client.WaitGreeting()
}

func (s *session) signIn(ctx context.Context) error {
	if s.account.Token == "" {
		return s.Login(s.account.User, s.account.Password).Wait()
	}
	grant := clientcredentials.Config{
		ClientID: s.account.Client, ClientSecret: s.account.Password, TokenURL: s.account.Token,
	}
	if s.account.Scope != "" {
		grant.Scopes = []string{s.account.Scope}
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: 15 * time.Second})
	token, err := grant.Token(ctx)
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) { // its own words repeat what was sent
			return fmt.Errorf("no access token: %s (%s)", refused.Response.Status, refused.ErrorCode)
		}
		return fmt.Errorf("no access token: %w", err)
	}
	return s.Authenticate(bearer{s.account.User, token.AccessToken})
}

// bearer is the mechanism XOAUTH2, which Microsoft and Google document.
type bearer struct{ user, token string }

// Start gives the whole message at once.
func (b bearer) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + b.user + "\x01auth=Bearer " + b.token + "\x01\x01"), nil
}

// Next answers the server's account of what is wrong, after which it refuses.
func (bearer) Next([]byte) ([]byte, error) { return []byte{}, nil }

// waiting lists the messages that are still to be handled.
func (s *session) waiting() ([]imap.UID, error) {
	if _, err := s.Select(s.account.Folder, nil).Wait(); err != nil {
		return nil, s.account.failed("folder", err)
	}
	criteria := &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}
	if s.account.Move != "" {
		criteria.NotFlag = []imap.Flag{imap.FlagDeleted} // somebody may have opened it
	}
	found, err := s.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, s.account.failed("read", err)
	}
	return found.AllUIDs(), nil
}

// read gives the beginning of a message, which is not marked by that; ok is false
// when somebody took it away.
func (s *session) read(uid imap.UID) (raw []byte, ok bool, err error) {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: bounce.MaxSize}}
	list, err := s.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return nil, false, s.account.failed("read", err)
	}
	for _, m := range list {
		if raw := m.FindBodySection(section); m.UID == uid && raw != nil {
			return raw, true, nil
		}
	}
	return nil, false, nil
}

// done puts handled messages away.
func (s *session) done(uids []imap.UID) error {
	if len(uids) == 0 {
		return nil
	}
	set := imap.UIDSetNum(uids...)
	if s.account.Move == "" {
		flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
		return s.account.failed("read", s.Store(set, flags, nil).Close())
	}
	err := s.move(set)
	var refused *imap.Error
	if errors.As(err, &refused) && refused.Code == imap.ResponseCodeTryCreate {
		if err := s.Create(s.account.Move, nil).Wait(); err != nil {
			return s.account.failed("folder", err)
		}
		err = s.move(set)
	}
	return s.account.failed("folder", err)
}

// move puts messages into the other folder. Where the server cannot do so in one
// step they are copied first and then marked as deleted: the library would send
// all steps at once, and delete what could not be copied.
func (s *session) move(set imap.UIDSet) error {
	if s.Caps().Has(imap.CapMove) {
		_, err := s.Move(set, s.account.Move).Wait()
		return err
	}
	if _, err := s.Copy(set, s.account.Move).Wait(); err != nil {
		return err
	}
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}
	if err := s.Store(set, flags, nil).Close(); err != nil || !s.Caps().Has(imap.CapUIDPlus) {
		return err // a plain EXPUNGE would take away what others marked
	}
	return s.UIDExpunge(set).Close()
}
