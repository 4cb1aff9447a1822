package dev.workerfarm.worker.download;

import dev.workerfarm.task.Download;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;

/** Runs {@code download} on a {@link Downloader} that the worker owns and closes. May be called by many threads. */
public final class DownloadTask implements Task<Download, Download.Result> {
    private final Downloader downloader;

    public DownloadTask(Downloader downloader) {
        this.downloader = downloader;
    }

    @Override
    public TaskType<Download, Download.Result> type() {
        return Download.TYPE;
    }

    @Override
    public Download.Result run(Download args, TaskContext context) throws DownloadException, InterruptedException {
        return downloader.download(args.url(), args.filename());
    }
}
