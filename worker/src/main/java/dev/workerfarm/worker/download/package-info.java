/**
 * The downloader: fetches URLs that strangers chose into one folder, and reaches only the public internet while doing
 * so. {@link dev.workerfarm.worker.download.AddressGuard} decides where it may connect,
 * {@link dev.workerfarm.worker.download.SafeFileName} where it may write.
 */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.download;
