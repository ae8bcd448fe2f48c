import { Component, type ReactNode } from "react";
import { Button } from "./Button";

interface ErrorBoundaryProps {
  /** What has failed, as the beginning of a sentence. */
  what: string;
  children: ReactNode;
}

/** Keeps the rest of the page alive where a part of it fails, e.g. because it could not be loaded. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <div role="alert" className="m-auto p-8 text-center">
        <p className="mb-4">{this.props.what} could not be shown. A reload usually helps; nothing saved is lost.</p>
        <Button kind="primary" onClick={() => window.location.reload()}>
          Reload the page
        </Button>
      </div>
    );
  }
}
