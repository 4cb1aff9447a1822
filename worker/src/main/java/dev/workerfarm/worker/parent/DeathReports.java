package dev.workerfarm.worker.parent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.worker.link.DeathReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reports of deaths that no child has stored yet, as lines; of more than 64 the oldest are dropped. Threads may share it. */
public final class DeathReports {
    private static final int MOST = 64;

    @GuardedBy("this")
    private final Map<String, String> lines = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST;
        }
    };

    public synchronized void add(DeathReport report) {
        lines.put(report.process(), report.toLine());
    }

    /** A child has stored the report of this process's death. */
    public synchronized void recorded(String process) {
        lines.remove(process);
    }

    public synchronized List<String> lines() {
        return List.copyOf(lines.values());
    }
}
