package dev.workerfarm.cli.demo;

import dev.workerfarm.local.LocalFarm;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Download;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateArray;
import dev.workerfarm.task.UpdateValue;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The article, section by section, on a running farm: Python's lines, ours, and what came of them. */
public final class Demo {
    private static final List<Integer> NUMBERS = List.of(1, 2, 3, 4, 5);

    private final LocalFarm farm;
    private final Pool pool;
    private final Path downloads;
    private final PrintStream out;
    private boolean right = true;
    private long since; // the section's start

    public Demo(LocalFarm farm, Path downloads, PrintStream out) {
        this.farm = farm;
        this.pool = farm.pool();
        this.downloads = downloads;
        this.out = out;
    }

    /** Runs every section; true if every value was right. */
    public boolean run() throws IOException {
        process();
        poolMap();
        applyAsync();
        sharedValue();
        sharedArray();
        downloads();
        return right;
    }

    private void process() {
        section(
                "Process: a function in another process",
                "p = Process(target=square, args=(10,)); p.start(); p.join()",
                "var p = pool.start(Square.TYPE, 10); p.join();");
        var process = pool.start(Square.TYPE, 10);
        process.join();
        show(process.get(), 100L);
        out.println("    Main program continues");
    }

    private void poolMap() {
        section(
                "Pool: map over a list",
                "with Pool(processes=4) as pool: pool.map(square, [1, 2, 3, 4, 5])",
                "pool.map(Square.TYPE, List.of(1, 2, 3, 4, 5))");
        show(pool.map(Square.TYPE, NUMBERS), List.of(1L, 4L, 9L, 16L, 25L));
    }

    private void applyAsync() {
        section(
                "Results that come later",
                "results = [pool.apply_async(square, (n,)) for n in numbers]; [r.get() for r in results]",
                "for (int n : numbers) results.add(pool.applyAsync(Square.TYPE, n));  ...  r.get()");
        var results = NUMBERS.stream().map(n -> pool.applyAsync(Square.TYPE, n)).toList();
        for (int i = 0; i < NUMBERS.size(); i++) {
            show(results.get(i).get(), (long) NUMBERS.get(i) * NUMBERS.get(i));
        }
    }

    private void sharedValue() {
        farm.shared().value("counter").set(0);
        section(
                "A value that processes share",
                "v = Value('i', 0); Process(target=update_value, args=(v,))   # v.value += 1",
                "pool.start(UpdateValue.TYPE, \"counter\", 1).join(); farm.shared().value(\"counter\").get()");
        pool.start(UpdateValue.TYPE, "counter", 1).join();
        show(farm.shared().value("counter").get(), 1L);
    }

    private void sharedArray() {
        farm.shared().array("counters").make(List.of(0, 0, 0));
        section(
                "An array that processes share",
                "a = Array('i', [0, 0, 0]); Process(target=update_array, args=(a,))   # a[i] += 1",
                "pool.start(UpdateArray.TYPE, \"counters\", 1).join(); farm.shared().array(\"counters\").toList()");
        pool.start(UpdateArray.TYPE, "counters", 1).join();
        show(farm.shared().array("counters").toList(), List.of(1L, 1L, 1L));
    }

    private void downloads() throws IOException {
        try (var server = new ImageServer()) {
            var names = ImageServer.NAMES.stream();
            var calls = names.map(name -> List.of(server.url(name), name)).toList();
            section(
                    "Four images, downloaded side by side (each takes the server " + ImageServer.DELAY.toMillis()
                            + " ms)",
                    "pool.starmap(download_image, zip(urls, filenames))",
                    "pool.starmap(Download.TYPE, List.of(List.of(url, \"image1.jpg\"), ...))");
            var results = pool.starmap(Download.TYPE, calls);
            var elapsed = millis();
            for (int i = 0; i < results.size(); i++) {
                var name = ImageServer.NAMES.get(i);
                var result = results.get(i);
                var size = "  (" + result.bytes() + " bytes, " + result.ms() + " ms)";
                out.println("    Download complete: " + result.filename() + size);
                var bytes = Files.readAllBytes(downloads.resolve(name));
                check(result.filename().equals(name) && Arrays.equals(bytes, ImageServer.image(name)), name);
            }
            out.println("    four in " + elapsed + " ms");
        }
    }

    private void section(String title, String python, String java) {
        out.printf("%n%s%n    Python  %s%n    Java    %s%n", title, python, java);
        since = System.nanoTime();
    }

    private long millis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    }

    private void show(Object value, Object expected) {
        out.println("    " + value + "    (" + millis() + " ms)");
        check(value.equals(expected), String.valueOf(expected));
    }

    private void check(boolean ok, String expected) {
        if (!ok) {
            right = false;
            out.println("    WRONG: expected " + expected);
        }
    }
}
