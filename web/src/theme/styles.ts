import 'virtual:mantine-components.css';
import 'virtual:theme-variables.css';
import './base.css';
