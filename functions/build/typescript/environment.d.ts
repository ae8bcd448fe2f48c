// What importing a file that is no script gives, and what the build puts in place of import.meta.env.

interface ImportMetaEnv {
  readonly BASE_URL: string;
  readonly MODE: string;
  readonly DEV: boolean;
  readonly PROD: boolean;
  readonly SSR: boolean;
  readonly [name: string]: any;
}

interface ImportMeta {
  readonly url: string;
  readonly env: ImportMetaEnv;
}

declare const process: { readonly env: { readonly NODE_ENV: string; readonly [name: string]: string | undefined } };

// The first pattern that fits counts.
declare module "*.module.css" {
  const classes: { readonly [name: string]: string };
  export default classes;
}
declare module "*.css" {}

declare module "*.svg" {
  import type { FunctionComponent, SVGProps } from "react";
  const address: string;
  export default address;
  export const ReactComponent: FunctionComponent<SVGProps<SVGSVGElement> & { title?: string }>;
}
declare module "*.svg?react" {
  import type { FunctionComponent, SVGProps } from "react";
  const component: FunctionComponent<SVGProps<SVGSVGElement> & { title?: string }>;
  export default component;
}

declare module "*?raw" {
  const text: string;
  export default text;
}
declare module "*?url" {
  const address: string;
  export default address;
}
declare module "*?inline" {
  const text: string;
  export default text;
}

declare module "*.png" {
  const content: string;
  export default content;
}
declare module "*.jpg" {
  const content: string;
  export default content;
}
declare module "*.jpeg" {
  const content: string;
  export default content;
}
declare module "*.jfif" {
  const content: string;
  export default content;
}
declare module "*.gif" {
  const content: string;
  export default content;
}
declare module "*.webp" {
  const content: string;
  export default content;
}
declare module "*.avif" {
  const content: string;
  export default content;
}
declare module "*.ico" {
  const content: string;
  export default content;
}
declare module "*.bmp" {
  const content: string;
  export default content;
}
declare module "*.mp3" {
  const content: string;
  export default content;
}
declare module "*.wav" {
  const content: string;
  export default content;
}
declare module "*.ogg" {
  const content: string;
  export default content;
}
declare module "*.m4a" {
  const content: string;
  export default content;
}
declare module "*.flac" {
  const content: string;
  export default content;
}
declare module "*.mp4" {
  const content: string;
  export default content;
}
declare module "*.webm" {
  const content: string;
  export default content;
}
declare module "*.mov" {
  const content: string;
  export default content;
}
declare module "*.woff" {
  const content: string;
  export default content;
}
declare module "*.woff2" {
  const content: string;
  export default content;
}
declare module "*.ttf" {
  const content: string;
  export default content;
}
declare module "*.otf" {
  const content: string;
  export default content;
}
declare module "*.eot" {
  const content: string;
  export default content;
}
declare module "*.pdf" {
  const content: string;
  export default content;
}
declare module "*.txt" {
  const content: string;
  export default content;
}
declare module "*.md" {
  const content: string;
  export default content;
}
declare module "*.csv" {
  const content: string;
  export default content;
}
declare module "*.html" {
  const content: string;
  export default content;
}
declare module "*.xml" {
  const content: string;
  export default content;
}
declare module "*.wasm" {
  const content: string;
  export default content;
}
declare module "*.glb" {
  const content: string;
  export default content;
}
