package dev.workerfarm.worker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The deaths that a parent has seen and no child has noted yet, as lines. The oldest go where there are many. Threads may share it. */
final class DeathReports {
    private static final int MOST = 64;

    private final Map<String, String> lines = new LinkedHashMap<>() { // guarded by this
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                    return size() > MOST;
                }
            };

    synchronized void add(DeathReport report) {
        lines.put(report.process(), report.toLine());
    }

    /** A child says that it has noted this process's death. */
    synchronized void recorded(String process) {
        lines.remove(process);
    }

    synchronized List<String> lines() {
        return List.copyOf(lines.values());
    }
}
