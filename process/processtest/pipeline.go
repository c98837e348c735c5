package processtest

import (
	"bufio"
	"fmt"
	"io"
	"net"
)

// Pipeline hands n copies of a message to the sink over one connection, as fast
// as SMTP allows: two round trips each, nothing rendered, nothing remembered.
// It is the yardstick of senders. The body is what follows DATA, without the
// final dot.
func (s *Sink) Pipeline(body []byte, n int) error {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	if err := say(conn, in, []byte("EHLO bench\r\n"), "220", "250"); err != nil {
		return err
	}
	envelope := []byte("MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n")
	ended := append(body[:len(body):len(body)], ".\r\n"...)
	for range n {
		if err := say(conn, in, envelope, "250", "250", "354"); err != nil {
			return err
		}
		if err := say(conn, in, ended, "250"); err != nil {
			return err
		}
	}
	return nil
}

// say writes lines and reads the replies that they must get.
func say(out io.Writer, in *bufio.Reader, lines []byte, want ...string) error {
	if _, err := out.Write(lines); err != nil {
		return err
	}
	for _, code := range want {
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return err
			}
			if len(line) < 4 || line[:3] != code {
				return fmt.Errorf("reply %q, want %s", line, code)
			}
			if line[3] == ' ' {
				break
			}
		}
	}
	return nil
}
