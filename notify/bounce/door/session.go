package door

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/emersion/go-smtp"

	"arengo/notify/bounce"
	"arengo/process/fault"
)

// What clients are told. A stranger learns nothing but that there is nobody.
var (
	errNobody = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such return address"}
	errNoWord = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Not about a message of ours"}
	errBusy   = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
)

// session is one client at the door.
type session struct {
	door      *Door
	conn      *smtp.Conn
	ctx       context.Context //nolint:containedctx // the library's sessions have no context of their own
	to        []string
	strangers int
}

// Mail takes any sender: reports come from nobody, and from some who should not.
func (*session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt opens for return addresses alone, and for the address of which they are
// made: providers send complaints there, with the message complained about.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, _, genuine := s.door.Return.Read(to); !genuine && !s.door.Return.Is(to) {
		if s.strangers++; s.strangers >= maxStrangers {
			_ = s.conn.Close() // somebody is guessing
		}
		return errNobody
	}
	s.to = append(s.to, to)
	return nil
}

// Data reads a message and answers when its reports are written down.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(r, bounce.MaxSize))
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if err != nil {
		_ = s.conn.Close() // it goes on for ever, or is gone
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 30*time.Second)
	defer cancel()
	var refused error
	for _, to := range s.to {
		err := fault.Caught(func() error { return s.take(ctx, raw, to) })
		var reply *smtp.SMTPError
		if err != nil && !errors.As(err, &reply) {
			s.door.Log.ErrorContext(ctx, "reports about mail could not be recorded", "error", err)
			return errBusy // what is written already has no effect again
		}
		if err != nil {
			refused = err
		}
	}
	return refused
}

func (s *session) take(ctx context.Context, raw []byte, to string) error {
	reports := s.door.Return.Parse(raw, to)
	for _, r := range reports {
		if r.DeliveryID == 0 {
			return errNoWord
		}
	}
	_, err := s.door.Taker.Mail(ctx, reports)
	return err
}

// Reset forgets the message in hand.
func (s *session) Reset() { s.to = nil }

// Logout ends the session.
func (*session) Logout() error { return nil }
