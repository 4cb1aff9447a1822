package dev.workerfarm.worker.config;

import dev.workerfarm.broker.Topology;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a lane's process is called and what it is to do, known before anything is started.
 *
 * @param workerName for people, such as {@code cpu-1@host.4711}
 * @param processName what no other process has at any time
 */
public record LaneProfile(Lane lane, WorkerSettings config, String host, String workerName, String processName) {
    /** The profile of a process that starts; its name within its worker is such as {@code cpu-1}. */
    public static LaneProfile of(Lane lane, String name, WorkerSettings config) {
        var host = hostName();
        var workerName = name + "@" + host + "." + ProcessHandle.current().pid();
        // In containers the same host name and process id come again and again.
        var processName = workerName + "." + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
        return new LaneProfile(lane, config, host, workerName, processName);
    }

    public Topology topology() {
        return new Topology(config.names(), config.extraQueues());
    }

    /** The literal names of the queues that the lane consumes. */
    public List<String> queues() {
        List<String> queues = new ArrayList<>(List.of(config.names().of(lane.queue())));
        if (lane == Lane.CPU) {
            queues.addAll(config.extraQueues());
        }
        return queues;
    }

    /** How many tasks run at a time. */
    public int concurrency() {
        return lane == Lane.CPU ? 1 : config.downloadConcurrency();
    }

    /** How many messages the lane holds at first. */
    public int firstPrefetch() {
        return lane == Lane.CPU ? Lane.FIRST_CPU_PREFETCH : 2 * config.downloadConcurrency();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
