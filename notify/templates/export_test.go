package templates

// Filled reports whether the last message was filled into a form.
func (s *Series) Filled() bool { return len(s.known) > 0 && s.known[0].form != nil }
