package sim

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// Picture is a run drawn as SVG: panels below each other over one time axis.
type Picture struct {
	Title, Note string
	Labels      []string // of the intervals
	Panels      []Panel
}

// Panel is one scale with what is drawn on it.
type Panel struct {
	Title  string
	Format string // of the scale's values, such as "%.0f s"
	Top    float64
	Signed bool      // the scale goes as far below nought as above
	Marks  []float64 // dashed lines, such as a target
	Series []Series
}

// Kind is how a series is drawn.
type Kind int

// Kinds of series.
const (
	Bars Kind = iota // stacked on the bars before
	Line
	Steps
)

// Series is a value for each interval; NaN leaves a gap. Low and High, if
// given, are drawn as a band behind it.
type Series struct {
	Name      string
	Kind      Kind
	Colour    string
	Values    []float64
	Low, High []float64
}

// Measures of the picture, in its own units.
const (
	pictureWidth = 1080
	panelHeight  = 190
	plotLeft     = 76
	plotWidth    = 980
	plotTop      = 34
	plotHeight   = 120
	headHeight   = 64
)

// Write draws the picture.
func (p *Picture) Write(out io.Writer) error {
	var b strings.Builder
	height := headHeight + len(p.Panels)*panelHeight + 20
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12" fill="#1f2937">`+"\n",
		pictureWidth, height, pictureWidth, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#fff"/><text x="20" y="30" font-size="18" font-weight="600">%s</text><text x="20" y="50" fill="#6b7280">%s</text>`+"\n",
		html.EscapeString(p.Title), html.EscapeString(p.Note))
	for i := range p.Panels {
		p.panel(&b, &p.Panels[i], headHeight+i*panelHeight)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// niceTop is a round number at or above x.
func niceTop(x float64) float64 {
	if x <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 4, 5, 8, 10} {
		if x <= m*unit*1.0001 {
			return m * unit
		}
	}
	return 10 * unit
}

func (p *Picture) panel(b *strings.Builder, l *Panel, y int) {
	n := len(p.Labels)
	top := l.Top
	if top == 0 {
		top = l.highest(n)
	}
	bottom := 0.0
	if l.Signed {
		bottom = -top
	}
	x := func(i float64) float64 { return plotLeft + i*plotWidth/float64(n) }
	at := func(v float64) float64 {
		return float64(y+plotTop) + plotHeight*(1-min(max((v-bottom)/(top-bottom), 0), 1))
	}
	fmt.Fprintf(b, `<text x="20" y="%d" font-weight="600">%s</text>`, y+18, html.EscapeString(l.Title))
	legend := pictureWidth - 24
	for i := len(l.Series) - 1; i >= 0; i-- {
		s := &l.Series[i]
		// The box stands after the name, since only its end is known for sure.
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="12" height="10" fill="%s"/><text x="%d" y="%d" text-anchor="end">%s</text>`,
			legend-12, y+9, s.Colour, legend-18, y+18, html.EscapeString(s.Name))
		legend -= 7*len([]rune(s.Name)) + 40
	}
	for i := range 5 {
		v := bottom + (top-bottom)*float64(i)/4
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#e5e7eb"/><text x="%d" y="%.1f" text-anchor="end" fill="#6b7280">%s</text>`,
			plotLeft, plotLeft+plotWidth, at(v), at(v), plotLeft-8, at(v)+4, html.EscapeString(fmt.Sprintf(l.Format, v)))
	}
	b.WriteString("\n")
	base := make([]float64, n)
	for i := range l.Series {
		s := &l.Series[i]
		p.band(b, s, x, at)
		switch s.Kind {
		case Bars:
			for j, v := range s.Values {
				if v > 0 {
					fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"><title>%s %s %s</title></rect>`, x(float64(j)+0.1),
						at(base[j]+v), x(0.8)-plotLeft, at(base[j])-at(base[j]+v), s.Colour, p.Labels[j], html.EscapeString(s.Name), html.EscapeString(fmt.Sprintf(l.Format, v)))
					base[j] += v
				}
			}
		default:
			fmt.Fprintf(b, `<path fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round" d="%s"/>`, s.Colour, path(s, x, at))
		}
		b.WriteString("\n")
	}
	for _, m := range l.Marks {
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#6b7280" stroke-dasharray="5 4"/>`, plotLeft, plotLeft+plotWidth, at(m), at(m))
	}
	every := max((n+15)/16, 1)
	for j := 0; j < n; j += every {
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle" fill="#6b7280">%s</text>`, x(float64(j)), y+plotTop+plotHeight+17, p.Labels[j])
	}
	b.WriteString("\n")
}

// highest is the scale that all of a panel fits into.
func (l *Panel) highest(n int) float64 {
	most, stack := 0.0, make([]float64, n)
	for i := range l.Series {
		for j, v := range l.Series[i].Values {
			if math.IsNaN(v) {
				continue
			}
			if l.Series[i].Kind == Bars {
				stack[j] += v
				v = stack[j]
			}
			most = max(most, v)
			if l.Signed {
				most = max(most, -v)
			}
		}
		for _, v := range l.Series[i].High {
			most = max(most, v)
		}
		for _, v := range l.Series[i].Low {
			most = max(most, -v)
		}
	}
	for _, m := range l.Marks {
		most = max(most, m)
	}
	return niceTop(most)
}

// path is a line through the middles of the intervals, or steps along them.
func path(s *Series, x, at func(float64) float64) string {
	var b strings.Builder
	pen := "M"
	for j, v := range s.Values {
		if math.IsNaN(v) {
			pen = "M"
			continue
		}
		if s.Kind == Steps {
			fmt.Fprintf(&b, "%s%.1f %.1fH%.1f", pen, x(float64(j)), at(v), x(float64(j+1)))
		} else {
			fmt.Fprintf(&b, "%s%.1f %.1f", pen, x(float64(j)+0.5), at(v))
			if pen == "M" { // so that one alone between gaps is seen
				b.WriteString("h0.1")
			}
		}
		pen = "L"
	}
	return b.String()
}

// band draws the interval that holds each value.
func (p *Picture) band(b *strings.Builder, s *Series, x, at func(float64) float64) {
	for j := range s.Low {
		if j < len(s.High) && s.High[j] > s.Low[j] {
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" opacity="0.2"/>`, x(float64(j)), at(s.High[j]),
				x(1)-plotLeft, at(s.Low[j])-at(s.High[j]), s.Colour)
		}
	}
}
