package pipeclient

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

func TestSmoke(t *testing.T) {
	addr := os.Getenv("SMOKE_ADDR")
	if addr == "" {
		t.Skip()
	}
	c, err := Dial(context.Background(), Config{Addr: addr, DB: 3, Proto: 3, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			for i := range 2000 {
				want := fmt.Sprint(g, ":", i)
				v, err := c.Do(context.Background(), "ECHO", want)
				if err != nil || v.Text != want {
					t.Error(v, err)
					return
				}
			}
		})
	}
	wg.Wait()
	c.Close()
	if _, err := c.Do(context.Background(), "PING"); err == nil {
		t.Error("no error after Close")
	}
}

func BenchmarkDo(b *testing.B) {
	addr := os.Getenv("SMOKE_ADDR")
	if addr == "" {
		b.Skip()
	}
	for _, g := range []int{1, 16, 256, 2048} {
		b.Run(fmt.Sprint(g), func(b *testing.B) {
			c, err := Dial(context.Background(), Config{Addr: addr})
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			b.ReportAllocs()
			var wg sync.WaitGroup
			for range g {
				wg.Go(func() {
					for range b.N / g {
						if _, err := c.Do(context.Background(), "GET", "k"); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}
