package dev.workerfarm.lab.bench;

import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.pool.map.Incoming;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;

/** Who does what: the farm beside its ceilings. Lists are built outside the measured time, for all alike. */
record Contestants(
        Pool pool, BareClient bare, @Nullable PythonPool python, SharedState shared, String redisUrl, int processes) {
    private static final int BARE_CHUNK = 10_000;
    private static final double NANOS = 1e9;

    private interface Timed {
        void run() throws IOException, InterruptedException;
    }

    /** The works of a name of {@link Bench#WORKS}. */
    List<Work> works(String name, boolean quick) {
        return switch (name) {
            case "unbatched" -> List.of(unbatched(quick ? 4_000 : 20_000));
            case "one" -> List.of(one(quick ? 300 : 2_000));
            case "map" -> quick ? List.of(map(100_000)) : List.of(map(100_000), map(1_000_000), map(10_000_000));
            case "json" -> List.of(json(quick ? 100_000 : 1_000_000));
            case "imap" -> List.of(imap(quick ? 100_000 : 1_000_000));
            case "adds" -> List.of(adds(quick ? 2_000 : 100_000));
            case "mixed" ->
                IntStream.rangeClosed(1, quick ? 1 : 5)
                        .mapToObj(seed -> mixed(seed, quick ? 40 : 200))
                        .toList();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private Work unbatched(int n) {
        Map<String, Work.Contestant> all = new LinkedHashMap<>();
        all.put(Work.FARM, () -> {
            List<AsyncResult<Number>> results = new ArrayList<>(n);
            return rate(n, () -> {
                for (int i = 0; i < n; i++) {
                    results.add(pool.applyAsync(Square.TYPE, i));
                }
                for (int i = 0; i < n; i++) {
                    check(results.get(i).get().longValue() == square(i), i);
                }
            });
        });
        all.put("bare client", () -> rate(n, () -> checkSquares(bare.unbatched(n))));
        python(all, "unbatched", n);
        return new Work("unbatched, " + n, "/s", true, List.of("rate"), all);
    }

    private Work one(int n) {
        Map<String, Work.Contestant> all = new LinkedHashMap<>();
        all.put(Work.FARM, () -> {
            var nanos = new long[n];
            for (int i = 0; i < n; i++) {
                var start = System.nanoTime();
                var square = pool.apply(Square.TYPE, i);
                nanos[i] = System.nanoTime() - start;
                check(square.longValue() == square(i), i);
            }
            return percentiles(nanos);
        });
        all.put("bare client", () -> percentiles(bare.oneAtATime(n)));
        var pythons = python;
        if (pythons != null) {
            all.put(
                    "python Pool",
                    () -> Arrays.stream(pythons.seconds("one", n))
                            .map(seconds -> seconds * 1_000)
                            .toArray());
        }
        return new Work("one at a time, " + n, "ms", false, List.of("p50", "p99"), all);
    }

    private Work map(int n) {
        var items = LongStream.range(0, n).boxed().toList();
        var numbers = LongStream.range(0, n).toArray();
        Map<String, Work.Contestant> all = new LinkedHashMap<>();
        all.put(Work.FARM, () -> rate(n, () -> checkSquares(pool.map(Square.TYPE, items), n)));
        all.put("bare JSON chunks", () -> rate(n, () -> checkSquares(bare.chunks(numbers, BARE_CHUNK, false))));
        all.put("bare packed chunks", () -> rate(n, () -> checkSquares(bare.chunks(numbers, BARE_CHUNK, true))));
        python(all, "map", n);
        return new Work("map, " + n, "/s", true, List.of("rate"), all);
    }

    /** Messages and replies that people can read. */
    private Work json(int n) {
        var items = LongStream.range(0, n).boxed().toList();
        var numbers = LongStream.range(0, n).toArray();
        Map<String, Work.Contestant> all = new LinkedHashMap<>();
        var call = pool.task(Square.TYPE).asJson();
        all.put(Work.FARM, () -> rate(n, () -> checkSquares(call.map(items), n)));
        all.put("bare JSON chunks", () -> rate(n, () -> checkSquares(bare.chunks(numbers, BARE_CHUNK, false))));
        return new Work("map as JSON, " + n, "/s", true, List.of("rate"), all);
    }

    private Work imap(int n) {
        var items = LongStream.range(0, n).boxed().toList();
        Map<String, Work.Contestant> all = new LinkedHashMap<>();
        all.put(
                Work.FARM,
                () -> rate(n, () -> {
                    var index = 0;
                    try (var results = pool.imap(Square.TYPE, items)) {
                        for (var result : results) {
                            check(result.longValue() == square(index), index++);
                        }
                    }
                    check(index == n, n);
                }));
        python(all, "imap", n);
        return new Work("imap, " + n, "/s", true, List.of("rate"), all);
    }

    private Work adds(int n) {
        var name = "bench-adds";
        var items =
                LongStream.range(0, n).mapToObj(i -> new UpdateValue(name, 1L)).toList();
        Map<String, Work.Contestant> all = new LinkedHashMap<>();
        all.put(Work.FARM, () -> {
            shared.value(name).set(0);
            return rate(n, () -> {
                pool.map(UpdateValue.TYPE, items);
                check(shared.value(name).get().longValue() == n, n);
            });
        });
        all.put("pipelined INCR", () -> {
            try (var redis = new Jedis(URI.create(redisUrl))) {
                redis.del("bench-incr");
                return rate(n, () -> {
                    try (var pipeline = redis.pipelined()) {
                        for (int i = 0; i < n; i++) {
                            pipeline.incr("bench-incr");
                        }
                    }
                    check(redis.get("bench-incr").equals(Integer.toString(n)), n);
                });
            }
        });
        return new Work("update_value, " + n, "/s", true, List.of("rate"), all);
    }

    /** Sleeps of a few ms and some of many: how long until the last ends, of a list, an iterator and what comes by a pipe. */
    private Work mixed(int seed, int n) {
        var random = new Random(seed);
        var millis = LongStream.generate(() -> Math.min(400, (long) (2 / Math.pow(random.nextDouble(), 0.8))))
                .limit(n)
                .boxed()
                .toList();
        Map<String, Work.Contestant> all = new LinkedHashMap<>();
        var sleep = pool.task("sleep");
        Iterable<Long> oneByOne = () -> millis.iterator(); // of no known size
        Iterable<List<?>> piped = () -> new Piped(millis.iterator());
        all.put(Work.FARM, () -> seconds(() -> check(sleep.map(millis).size() == n, n)));
        all.put("iterator", () -> seconds(() -> check(sleep.map(oneByOne).size() == n, n)));
        all.put("pipe", () -> seconds(() -> check(sleep.starmap(piped).size() == n, n)));
        all.put("greedy (computed)", () -> new double[] {greedy(millis)});
        return new Work("mixed sleeps, seed " + seed, "s", false, List.of("makespan"), all);
    }

    /** Items as they come by a pipe that is never empty. */
    private record Piped(Iterator<Long> items) implements Incoming<List<?>> {
        @Override
        public boolean isReady() {
            return items.hasNext();
        }

        @Override
        public boolean hasNext() {
            return items.hasNext();
        }

        @Override
        public List<?> next() {
            return List.of(items.next());
        }
    }

    /** When the last would end if each item in its order went to the process that is free first. */
    private double greedy(List<Long> millis) {
        var free = new PriorityQueue<Long>();
        for (int i = 0; i < processes; i++) {
            free.add(0L);
        }
        var end = 0L;
        for (var each : millis) {
            var until = free.remove() + each;
            free.add(until);
            end = Math.max(end, until);
        }
        return end / 1_000.0;
    }

    private void python(Map<String, Work.Contestant> all, String work, int n) {
        var pythons = python;
        if (pythons != null) {
            all.put("python Pool", () -> new double[] {n / pythons.seconds(work, n)[0]});
        }
    }

    private static double[] rate(int n, Timed work) throws IOException, InterruptedException {
        return new double[] {n / seconds(work)[0]};
    }

    private static double[] seconds(Timed work) throws IOException, InterruptedException {
        var start = System.nanoTime();
        work.run();
        return new double[] {(System.nanoTime() - start) / NANOS};
    }

    private static double[] percentiles(long[] nanos) {
        var sorted = nanos.clone();
        Arrays.sort(sorted);
        return new double[] {sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 99 / 100] / 1e6};
    }

    private static long square(long n) {
        return n * n;
    }

    private static void checkSquares(long[] squares) {
        for (int i = 0; i < squares.length; i++) {
            check(squares[i] == square(i), i);
        }
    }

    private static void checkSquares(List<Number> squares, int n) {
        check(squares.size() == n, squares.size());
        var index = 0;
        for (var square : squares) {
            check(square.longValue() == square(index), index++);
        }
    }

    private static void check(boolean holds, int item) {
        if (!holds) {
            throw new IllegalStateException("a wrong result, item " + item);
        }
    }
}
