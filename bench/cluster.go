package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clusterNodes is how many masters the benchmark's cluster has.
const clusterNodes = 3

// slots is how many slots a cluster has.
const slots = 16384

// startCluster starts masters that share the slots, and waits until each knows it.
func startCluster(ctx context.Context, dir string) (nodes []*server, stop func(), err error) {
	stop = func() {
		for _, n := range nodes {
			n.stop()
		}
	}
	defer func() {
		if err != nil {
			stop()
		}
	}()
	for i := range clusterNodes {
		home := filepath.Join(dir, fmt.Sprintf("node%d", i))
		if err := os.Mkdir(home, 0o700); err != nil {
			return nodes, stop, err
		}
		bus, err := freePort()
		if err != nil {
			return nodes, stop, err
		}
		n, err := startServer(ctx, home, "--cluster-enabled", "yes", "--cluster-port", bus)
		if err != nil {
			return nodes, stop, err
		}
		nodes = append(nodes, n)
		first, last := i*slots/clusterNodes, (i+1)*slots/clusterNodes-1
		if err := n.admin.Do(ctx, "CLUSTER", "ADDSLOTSRANGE", first, last).Err(); err != nil {
			return nodes, stop, err
		}
		if err := n.admin.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
			return nodes, stop, err
		}
		if err := nodes[0].admin.Do(ctx, "CLUSTER", "MEET", n.host, n.port, bus).Err(); i > 0 && err != nil {
			return nodes, stop, err
		}
	}
	return nodes, stop, waitForCluster(ctx, nodes)
}

func waitForCluster(ctx context.Context, nodes []*server) error {
	deadline := time.Now().Add(20 * time.Second)
	for _, n := range nodes {
		for {
			info, err := n.admin.ClusterInfo(ctx).Result()
			if err == nil && strings.Contains(info, "cluster_state:ok") &&
				strings.Contains(info, "cluster_known_nodes:"+strconv.Itoa(len(nodes))) {
				break
			}
			if time.Now().After(deadline) || ctx.Err() != nil {
				return fmt.Errorf("the cluster does not come together: %w\n%s", err, info)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return nil
}

// pipeCluster loads the same RESP into one node and into a cluster: what finding a command's node
// costs the client. The server's own time does not count, for three share two cores here.
func pipeCluster(ctx context.Context, l *lab) ([]result, error) {
	nodes, stop, err := startCluster(ctx, l.dir)
	if err != nil {
		return nil, err
	}
	defer stop()
	count := l.size(2_000_000, 50_000)
	file := filepath.Join(l.dir, "sets.cluster")
	err = writeFile(file, func(w *bufio.Writer) {
		for i := range count {
			respSet(w, i)
		}
	})
	if err != nil {
		return nil, err
	}
	defer os.Remove(file)
	var cluster, single runs
	err = takeTurns(l.reps, func() error {
		for _, n := range nodes {
			if err := n.empty(ctx)(); err != nil {
				return err
			}
		}
		u, err := invocation{program: l.easycli, args: nodes[0].at("-c", "--pipe"), stdin: file}.run(ctx)
		if err != nil {
			return err
		}
		cluster = append(cluster, u)
		held := int64(0)
		for _, n := range nodes {
			keys, err := n.admin.DBSize(ctx).Result()
			if err != nil {
				return err
			}
			held += keys
		}
		if held != int64(count) {
			return fmt.Errorf("the cluster holds %d keys, want %d", held, count)
		}
		return nil
	}, func() error {
		if err := l.server.empty(ctx)(); err != nil {
			return err
		}
		u, err := invocation{program: l.easycli, args: l.server.at("--pipe"), stdin: file}.run(ctx)
		if err != nil {
			return err
		}
		single = append(single, u)
		return l.server.expectKeys(ctx, count)
	})
	if err != nil {
		return nil, err
	}
	const work = "-c --pipe, SETs as RESP"
	return []result{
		{work: work, measure: "client CPU", unit: seconds, ours: cluster.median(cpu),
			peer: "one node", theirs: single.median(cpu), target: atMost(1.30)},
		{work: work, measure: "peak RSS", unit: mebibytes, ours: cluster.median(peak),
			peer: "one node", theirs: single.median(peak), target: peakAtMost(64)},
	}, nil
}
