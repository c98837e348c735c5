package mail

import (
	"fmt"
)

// parcel is a message as it goes over the wire: the commands that name its sender
// and its recipient, and what follows DATA, with its dots stuffed and the last one.
type parcel struct {
	sender, recipient string // addresses
	data              []byte
}

// reply is what the relay answered to one command. A code of 0 says that it did
// not: the connection broke, or what came is no reply; text then is the error.
type reply struct {
	code int
	text string
}

// words are the relay's own, with their code.
func (r reply) words() string {
	if r.code == 0 {
		return r.text
	}
	return fmt.Sprintf("%d %s", r.code, r.text)
}

// over reports that nothing more will be answered.
func (r reply) over() bool { return r.code == 0 || r.code == 421 }

// transact hands one message over, to one recipient. healthy tells whether the
// connection may carry another one. Where the relay pipelines, the three commands
// travel together and the message waits for the answers to all of them: two
// journeys a message instead of four.
func (c *Conn) transact(p parcel) (r Result, healthy bool) {
	if err := c.smtp.UpdateDeadline(c.relay.timeout()); err != nil {
		return Result{Outcome: Unavailable, Reply: err.Error()}, false
	}
	sender, recipient, data := c.envelope(p)
	switch {
	case sender.code != 250:
		return Result{Outcome: senderRefused(sender.code), Code: sender.code, Reply: sender.words()}, false
	case recipient.code/10 != 25:
		r = Result{Outcome: byCode(recipient.code, Bounced), Code: recipient.code, Reply: recipient.words()}
		r.AddressGone = r.Outcome == Bounced && addressGone(recipient, c.offers.enhanced)
		return r, !recipient.over() && c.takeBack(data)
	case data.code != 354:
		return Result{Outcome: byCode(data.code, Refused), Code: data.code, Reply: data.words()}, false
	}
	if err := c.write(p.data); err != nil {
		// Its end has not left: the relay cannot have taken it.
		return Result{Outcome: Deferred, Reply: err.Error()}, false
	}
	taken := c.read()
	switch {
	case taken.code == 0:
		return Result{Outcome: Lost, Reply: "the connection broke before the relay answered"}, false
	case taken.code != 250:
		return Result{Outcome: byCode(taken.code, Refused), Code: taken.code, Reply: taken.words()}, taken.code != 421
	}
	return Result{Outcome: Delivered, Code: taken.code, Reply: taken.text}, true
}

// envelope says who writes to whom and asks to begin. Of commands that were not
// answered, or not sent because one before them was refused, the reply is zero.
func (c *Conn) envelope(p parcel) (sender, recipient, data reply) {
	from := "MAIL FROM:<" + p.sender + ">"
	if c.offers.utf8 && !(ascii(p.sender) && ascii(p.recipient)) {
		from += " SMTPUTF8"
	}
	to := "RCPT TO:<" + p.recipient + ">"
	if c.offers.pipelining {
		if err := c.write([]byte(from + "\r\n" + to + "\r\nDATA\r\n")); err != nil {
			return reply{text: err.Error()}, reply{}, reply{}
		}
		if sender = c.read(); sender.over() {
			return sender, reply{}, reply{}
		}
		if recipient = c.read(); recipient.over() {
			return sender, recipient, reply{}
		}
		return sender, recipient, c.read()
	}
	if sender = c.ask(from); sender.code != 250 {
		return sender, reply{}, reply{}
	}
	if recipient = c.ask(to); recipient.code/10 != 25 {
		return sender, recipient, reply{}
	}
	return sender, recipient, c.ask("DATA")
}

// takeBack ends a message whose recipient was refused. A relay that asks for it
// all the same gets an empty one, which is for nobody: RFC 2920, section 3.1.
func (c *Conn) takeBack(data reply) bool {
	if c.offers.pipelining {
		if data.over() || data.code == 354 && c.ask(".").over() {
			return false
		}
	}
	return c.ask("RSET").code == 250
}

func (c *Conn) ask(command string) reply {
	if err := c.write([]byte(command + "\r\n")); err != nil {
		return reply{text: err.Error()}
	}
	return c.read()
}

func (c *Conn) write(b []byte) error {
	w := c.smtp.Text.W
	if _, err := w.Write(b); err != nil {
		return err
	}
	return w.Flush()
}

func (c *Conn) read() reply {
	code, text, err := c.smtp.Text.ReadResponse(0)
	if err != nil {
		return reply{text: err.Error()}
	}
	return reply{code, text}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
