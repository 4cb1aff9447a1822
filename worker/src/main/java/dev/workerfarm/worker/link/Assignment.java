package dev.workerfarm.worker.link;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a parent tells a child at its start. It travels in system properties, as the arguments are those of the child's
 * own program.
 *
 * @param name the process's name within its worker, such as {@code cpu-1}; the JSON log has it too
 * @param running the {@link RunningFile}, or null for none
 */
public record Assignment(String lane, String name, @Nullable Path running) {
    private static final String LANE = "farm.lane";
    private static final String NAME = "farm.process";
    private static final String RUNNING = "farm.running";

    /** What this process was told; null if it is no child of a worker. */
    public static @Nullable Assignment ofThisProcess() {
        var lane = System.getProperty(LANE);
        var name = System.getProperty(NAME);
        var running = System.getProperty(RUNNING);
        return lane == null || name == null
                ? null
                : new Assignment(lane, name, running == null ? null : Path.of(running));
    }

    /** The JVM options of the child. */
    public List<String> options() {
        List<String> options = new ArrayList<>(List.of("-D" + LANE + "=" + lane, "-D" + NAME + "=" + name));
        if (running != null) {
            options.add("-D" + RUNNING + "=" + running);
        }
        return options;
    }
}
