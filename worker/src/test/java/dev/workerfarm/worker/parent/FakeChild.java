package dev.workerfarm.worker.parent;

import dev.workerfarm.worker.link.Child;
import dev.workerfarm.worker.link.DeathReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A child without a process: hears, says nothing, and has ended already. */
final class FakeChild implements Child {
    final List<String> heard = new ArrayList<>();
    Duration used = Duration.ZERO;
    private final int exit;

    FakeChild(int exit) {
        this.exit = exit;
    }

    @Override
    public long pid() {
        return 0;
    }

    @Override
    public int waitFor() {
        return exit;
    }

    @Override
    public @Nullable DeathReport report(int exit) {
        return null;
    }

    @Override
    public @Nullable Throwable fault() {
        return null;
    }

    @Override
    public Duration cpuTime() {
        return used;
    }

    @Override
    public synchronized void say(String line) {
        heard.add(line);
    }

    @Override
    public void terminate() {}

    @Override
    public void killAfter(Duration time) {}

    @Override
    public void kill() {}
}
