package form

// Next is the first page shown after the item with this code ("" begins); ok
// is false at the end, where the review page follows. The error is an
// *EvalError.
func (f *Form) Next(code string, a Answers) (p Page, ok bool, err error) {
	shown, err := f.shown(a)
	if err != nil {
		return Page{}, false, err
	}
	from := 0
	if n, found := f.index[code]; found {
		from = n + 1
	}
	for n := from; n < len(shown); n++ {
		if shown[n] {
			return f.pages[n], true, nil
		}
	}
	return Page{}, false, nil
}

// Prev is the last page shown before the item with this code ("" is the end);
// ok is false at the beginning. The error is an *EvalError.
func (f *Form) Prev(code string, a Answers) (p Page, ok bool, err error) {
	shown, err := f.shown(a)
	if err != nil {
		return Page{}, false, err
	}
	from := len(f.pages)
	if n, found := f.index[code]; found {
		from = n
	}
	for n := from - 1; n >= 0; n-- {
		if shown[n] {
			return f.pages[n], true, nil
		}
	}
	return Page{}, false, nil
}

// FirstUnanswered is where somebody resumes: the first question shown that was
// never seen, or that is required and blank, or whose answer has a problem; an
// optional question left blank is not asked again. With nothing answered yet a
// note that opens the questionnaire comes first. ok is false when only the
// review page is left. The error is an *EvalError.
func (f *Form) FirstUnanswered(a Answers) (p Page, ok bool, err error) {
	if len(a) == 0 {
		return f.Next("", a)
	}
	shown, err := f.shown(a)
	if err != nil {
		return Page{}, false, err
	}
	for n, page := range f.pages {
		if !shown[n] || page.Item.Type == Note {
			continue
		}
		answer, seen := a[page.Item.Code]
		if !seen || len(validate(page.Item, answer)) > 0 {
			return page, true, nil
		}
	}
	return Page{}, false, nil
}

// Progress counts how far a person is. Questions only, notes never count.
type Progress struct {
	Shown    int // questions shown to this person
	Answered int // of those, answered and readable
	Blank    int // Shown less Answered: left blank, or not seen yet
	Hidden   int // questions that do not concern this person
	Share    int // Answered of Shown in whole percent, rounded down
}

// Progress counts how far these answers go. The error is an *EvalError.
func (f *Form) Progress(a Answers) (Progress, error) {
	shown, err := f.shown(a)
	if err != nil {
		return Progress{}, err
	}
	var p Progress
	for n, page := range f.pages {
		if page.Item.Type == Note {
			continue
		}
		if !shown[n] {
			p.Hidden++
			continue
		}
		p.Shown++
		if answer := a[page.Item.Code]; !answer.Blank() && fits(page.Item, answer) {
			p.Answered++
		}
	}
	p.Blank = p.Shown - p.Answered
	if p.Shown > 0 {
		p.Share = p.Answered * 100 / p.Shown
	}
	return p, nil
}

// Share is the page's place among all questions in whole percent, what the
// track draws: question 7 of 20 is 35. A note stands where the question before
// it stood.
func (f *Form) Share(p Page) int {
	if f.questions == 0 {
		return 0
	}
	number := p.Number
	for n := p.Index; number == 0 && n >= 0 && n < len(f.pages); n-- {
		number = f.pages[n].Number
	}
	return number * 100 / f.questions
}
