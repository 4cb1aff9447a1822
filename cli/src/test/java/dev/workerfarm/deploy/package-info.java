/** What is in the folder {@code deploy}, tried without a cluster. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.deploy;
