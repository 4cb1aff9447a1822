package dev.workerfarm.worker.config;

import dev.workerfarm.task.TaskQueue;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** A lane's process: its name for people, such as {@code cpu-1@host.4711}, and one that no other has at any time. */
public record LaneProfile(Lane lane, WorkerSettings config, String host, String workerName, String processName) {
    /** The profile of a process that starts; its name within its worker is such as {@code cpu-1}. */
    public static LaneProfile of(Lane lane, String name, WorkerSettings config) {
        var host = hostName();
        var workerName = name + "@" + host + "." + ProcessHandle.current().pid();
        // In containers the same host name and process id come again and again.
        var processName = workerName + "." + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
        return new LaneProfile(lane, config, host, workerName, processName);
    }

    /** The literal names of the queues that the lane consumes. */
    public List<String> queues() {
        List<String> queues = new ArrayList<>(List.of(config.names().of(lane.queue())));
        if (lane.queue().equals(TaskQueue.TASKS)) {
            queues.addAll(config.extraQueues());
        }
        return queues;
    }

    /** Whether this is the first of its worker's processes, which reports what concerns them all. */
    public boolean isFirst() {
        return workerName.startsWith(config.lanes().get(0).name() + "-1@");
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
